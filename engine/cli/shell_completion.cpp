#include "cli/shell_completion.hpp"

#include <algorithm>
#include <string_view>

#include "cli/shell_commands.hpp"
#include "lua/option_names.hpp"

namespace audit::cli {
namespace {

constexpr std::string_view keywords[] = {"and",      "break",  "do",   "else", "elseif", "end",  "false", "for",
                                         "function", "goto",   "if",   "in",   "local",  "nil",  "not",   "or",
                                         "repeat",   "return", "then", "true", "until",  "while"};

bool in_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

std::size_t name_start(std::string_view text) {
  std::size_t at = text.size();
  while (at > 0 && in_name(text[at - 1])) --at;
  return at;
}

std::string_view trimmed_end(std::string_view text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

Completion matching(std::size_t start, std::string_view typed, const std::vector<std::string>& words,
                    std::string_view after = {}) {
  Completion found;
  found.start = start;
  for (const std::string& word : words)
    if (word.starts_with(typed)) found.words.push_back(word + std::string(after));
  std::sort(found.words.begin(), found.words.end());
  found.words.erase(std::unique(found.words.begin(), found.words.end()), found.words.end());
  return found;
}

/// Where the string begins that is not closed yet; npos where there is none.
std::size_t open_quote(std::string_view line) {
  std::size_t quote = std::string_view::npos;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (quote == std::string_view::npos) {
      if (line[i] == '"' || line[i] == '\'') quote = i;
    } else if (line[i] == '\\') {
      ++i;
    } else if (line[i] == line[quote]) {
      quote = std::string_view::npos;
    }
  }
  return quote;
}

/// The last bracket that is open at the end of the text.
std::size_t open_bracket(std::string_view text) {
  int depth = 0;
  for (std::size_t i = text.size(); i > 0; --i) {
    const char c = text[i - 1];
    if (c == ')' || c == '}' || c == ']') ++depth;
    if ((c == '(' || c == '{' || c == '[') && --depth < 0) return i - 1;
  }
  return std::string_view::npos;
}

/// The probe whose table of options the text ends in, where a name may stand: target:tls(443, { █.
std::string probe_of_options(std::string_view text) {
  const std::string_view before = trimmed_end(text);
  const std::size_t brace = open_bracket(text);
  if (before.empty() || brace == std::string_view::npos || text[brace] != '{') return {};
  if (before.back() != '{' && before.back() != ',') return {};
  const std::string_view outside = text.substr(0, brace);
  const std::size_t bracket = open_bracket(outside);
  if (bracket == std::string_view::npos || outside[bracket] != '(') return {};
  const std::string_view callee = trimmed_end(outside.substr(0, bracket));
  std::string_view word = callee.substr(name_start(callee));
  if (word == "try") {  // try(target.tls, target, 443, {
    const std::string_view first = outside.substr(bracket + 1, outside.find(',', bracket) - bracket - 1);
    word = trimmed_end(first).substr(name_start(trimmed_end(first)));
  }
  return std::string(word);
}

/// The dotted path that ends before its last `.` or `:`.
std::string_view path_before(std::string_view text) {
  std::size_t at = text.size();
  while (at > 0 && (in_name(text[at - 1]) || text[at - 1] == '.')) --at;
  return text.substr(at);
}

}  // namespace

Completion complete_line(const std::string& line, lua::Interactive& language, const lua::RuleSet& rules) {
  const std::string_view text = line;
  if (text.starts_with(':') && !text.starts_with("::")) {
    if (text.find(' ') != std::string_view::npos) return {};
    return matching(0, text, shell_command_names());
  }
  if (const std::size_t quote = open_quote(text); quote != std::string_view::npos) {
    std::string_view before = trimmed_end(text.substr(0, quote));
    if (before.ends_with('(')) before = trimmed_end(before.substr(0, before.size() - 1));
    if (!before.ends_with("require")) return {};
    std::vector<std::string> modules;
    for (const auto& [name, source] : rules.modules) modules.push_back(name);
    return matching(quote + 1, text.substr(quote + 1), modules, std::string(1, text[quote]));
  }
  const std::size_t start = name_start(text);
  const std::string_view typed = text.substr(start);
  if (start > 0 && (text[start - 1] == '.' || text[start - 1] == ':')) {
    const std::string_view path = path_before(text.substr(0, start - 1));
    if (path.empty()) return {};
    return matching(start, typed, language.names_after(path, text[start - 1] == ':'));
  }
  if (const std::string probe = probe_of_options(text.substr(0, start)); !probe.empty()) {
    const lua::Names options = lua::option_names(probe);
    Completion found = matching(start, typed, {options.begin(), options.end()}, " = ");
    if (!found.words.empty()) return found;
  }
  std::vector<std::string> words = language.names_after("", false);
  words.insert(words.end(), std::begin(keywords), std::end(keywords));
  return matching(start, typed, words);
}

}  // namespace audit::cli
