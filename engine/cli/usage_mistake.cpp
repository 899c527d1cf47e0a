#include "cli/usage_mistake.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string_view>
#include <vector>

#include "base/text.hpp"

namespace audit::cli {
namespace {

/// The command that was named last, such as `list` of `audit rules list`.
struct Named {
  const CLI::App* command;
  std::string words;
};

Named command_named(const CLI::App& program) {
  Named named{&program, program.get_name()};
  while (!named.command->get_subcommands().empty()) {
    named.command = named.command->get_subcommands().front();
    named.words += " " + named.command->get_name();
  }
  return named;
}

std::vector<std::string> names_of(const std::vector<const CLI::App*>& commands) {
  std::vector<std::string> names;
  for (const CLI::App* command : commands) names.push_back(command->get_name());
  return names;
}

std::vector<std::string> names_of(const std::vector<const CLI::Option*>& options) {
  std::vector<std::string> names;
  for (const CLI::Option* option : options)
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

std::string nearest_of(const std::string& word, const std::vector<std::string>& choices) {
  return std::string(nearest(word, std::vector<std::string_view>(choices.begin(), choices.end())));
}

std::string hint(const std::string& close) {
  return close.empty() ? std::string() : fmt::format("; did you mean `{}`?", close);
}

std::vector<std::string> commands_of(const CLI::App& command) {
  return names_of(command.get_subcommands([](const CLI::App*) { return true; }));
}

std::string unknown_word(const CLI::App& command, const std::string& word) {
  if (word.size() > 1 && word.starts_with('-')) {
    const std::string option = word.substr(0, word.find('='));
    return fmt::format("there is no option `{}`{}", visible(option),
                       hint(nearest_of(option, names_of(command.get_options()))));
  }
  const std::vector<std::string> commands = commands_of(command);
  if (commands.empty()) return fmt::format("`{}` is one word too many", visible(word));
  return fmt::format("there is no command `{}`{}", visible(word), hint(nearest_of(word, commands)));
}

/// "Could not convert: --seed = x", which names what was written and not what it should be.
std::string unfit_value(const CLI::App& command, const std::string& said) {
  const std::size_t name = said.find("--");
  const std::size_t value = said.find(" = ");
  if (name == std::string::npos || value == std::string::npos || value < name) return said;
  const std::string option = said.substr(name, value - name);
  const CLI::Option* found = command.get_option_no_throw(option);
  if (found == nullptr) return said;
  return fmt::format("{} takes {}, not `{}`", option, found->get_type_name(), said.substr(value + 3));
}

}  // namespace

std::string usage_mistake(const CLI::App* program, const CLI::Error& error) {
  const auto [command, words] = command_named(*program);
  const std::vector<std::string> unknown = program->remaining(true);
  const std::vector<std::string> commands = commands_of(*command);
  std::string what = visible(error.what());
  if (!unknown.empty())
    what = unknown_word(*command, unknown.front());
  else if (error.get_name() == "RequiredError" && !commands.empty())
    what = fmt::format("name a command: {}", fmt::join(commands, ", "));
  else if (error.get_name() == "ConversionError")
    what = unfit_value(*command, what);
  const std::string help = what.ends_with('?') ? "" : fmt::format("; `{} --help` tells more", words);
  return fmt::format("{}: {}{}\n", words, what, help);
}

std::string command_meant(const CLI::App& program, const std::string& word) {
  const std::string close = nearest_of(word, commands_of(program));
  return close.empty() ? std::string() : fmt::format("; did you mean the command `{}`?", close);
}

}  // namespace audit::cli
