#include "cli/schedule_run_words.hpp"

#include <array>
#include <string_view>

#include "cli/commands.hpp"
#include "cli/schedule_job.hpp"

namespace audit::cli {
namespace {

/// Options of a run that a schedule has itself, or that mean nothing where nobody is there.
struct NotMore {
  const char* option;
  const char* why;
};
constexpr std::array<NotMore, 6> not_more{{{"--report", "goes before the --"},
                                           {"--state", "goes before the --"},
                                           {"--quiet", "is there already"},
                                           {"--target", "is in place of an inventory, and this has one"},
                                           {"--record", "wants a new file each time"},
                                           {"--replay", "asks nothing"}}};

}  // namespace

RunWords::RunWords() {
  add_run(program_, arguments_, code_);
  run_ = program_.get_subcommand("run");
  run_->callback([] {});  // in place of the run
}

Result<void> RunWords::parse(const std::string& inventory, const std::vector<std::string>& words) {
  std::vector<std::string> backwards(words.rbegin(), words.rend());
  backwards.insert(backwards.end(), {inventory, "run"});
  try {
    program_.parse(backwards);
  } catch (const CLI::ParseError& error) {
    return Error(Reason::local_fault, error.get_exit_code() == 0 ? "--help is not for a run that nobody watches"
                                                                 : std::string(error.what()));
  }
  return {};
}

bool RunWords::has(const char* option) const {
  const CLI::Option* found = run_->get_option_no_throw(option);
  return found != nullptr && found->count() > 0;
}

std::vector<std::string> RunWords::values(const char* option) const {
  return has(option) ? run_->get_option(option)->results() : std::vector<std::string>();
}

std::vector<std::string> RunWords::unfit() const {
  std::vector<std::string> texts;
  for (const NotMore& one : not_more)
    if (has(one.option)) texts.push_back(std::string(one.option) + ' ' + one.why);
  return texts;
}

std::string whole_rules(const std::string& path) {
  return path.starts_with('+') ? '+' + whole_path(path.substr(1)) : whole_path(path);
}

/// The words of a run, with paths that are the same from anywhere.
std::vector<std::string> whole_words(const std::vector<std::string>& words) {
  constexpr std::string_view joined = "--rules=";
  std::vector<std::string> whole;
  for (const std::string& word : words) {
    const bool path = !whole.empty() && whole.back() == "--rules";
    if (path)
      whole.push_back(whole_rules(word));
    else
      whole.push_back(word.starts_with(joined) ? std::string(joined) + whole_rules(word.substr(joined.size())) : word);
  }
  return whole;
}

}  // namespace audit::cli
