#include "inventory/syntax_error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "inventory/credential_source.hpp"

namespace audit::inventory {
namespace {

constexpr std::size_t longest_shown = 80;

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80; }

std::string_view line_of(std::string_view text, std::uint32_t number) {
  for (std::uint32_t line = 1; line < number; ++line) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  std::string_view line = text.substr(0, text.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// The byte of `line` at which its `column`-th character begins.
std::size_t byte_of(std::string_view line, std::uint32_t column) {
  std::size_t at = 0;
  for (std::uint32_t passed = 1; passed < column && at < line.size(); ++passed) {
    ++at;
    while (at < line.size() && continues_character(line[at])) ++at;
  }
  return at;
}

std::uint32_t column_of(std::string_view line, std::size_t byte) {
  const std::string_view before = line.substr(0, byte);
  const auto passed = std::count_if(before.begin(), before.end(), [](char c) { return !continues_character(c); });
  return static_cast<std::uint32_t>(passed) + 1;
}

/// "Error while parsing array: encountered end-of-file" is about an "array", and says "encountered end-of-file".
struct Sentence {
  std::string_view about;
  std::string_view says;
};

Sentence split(std::string_view description) {
  constexpr std::string_view opening = "Error while parsing ";
  if (!description.starts_with(opening)) return {{}, description};
  description.remove_prefix(opening.size());
  const std::size_t colon = description.find(": ");
  if (colon == std::string_view::npos) return {{}, description};
  return {description.substr(0, colon), description.substr(colon + 2)};
}

std::string_view between_quotes(std::string_view text) {
  const std::size_t open = text.find('\'');
  const std::size_t close = text.rfind('\'');
  return open == close ? std::string_view{} : text.substr(open + 1, close - open - 1);
}

bool ends_value(char c) { return std::string_view(" \t,[]{}#\"'=").find(c) != std::string_view::npos; }

/// The bare value that stands around a byte of a line, where it can only have been meant as text.
struct Bare {
  std::size_t begin;
  std::string_view token;
};

std::optional<Bare> bare_text(std::string_view line, std::size_t byte) {
  if (byte >= line.size() || ends_value(line[byte])) return std::nullopt;
  std::size_t begin = byte;
  while (begin > 0 && !ends_value(line[begin - 1])) --begin;
  std::size_t end = byte;
  while (end < line.size() && !ends_value(line[end])) ++end;
  const std::string_view token = line.substr(begin, end - begin);
  const bool number_like = token.find_first_not_of("0123456789_+-") == std::string_view::npos;
  if (number_like) return std::nullopt;
  return Bare{begin, token};
}

bool about_a_value(std::string_view about) {
  constexpr std::string_view kinds[] = {
      "value", "floating-point", "decimal integer", "boolean",        "time",
      "date",  "date-time",      "octal integer",   "binary integer", "hexadecimal integer"};
  return std::find(std::begin(kinds), std::end(kinds), about) != std::end(kinds);
}

bool about_a_repeated_key(const Sentence& sentence) {
  return sentence.about == "key-value pair" && sentence.says.starts_with("cannot redefine");
}

/// toml++ points at the value of a repeated key; the key stands before it.
Position start_of_key(std::string_view line, Position at, std::string_view says) {
  std::string_view name = between_quotes(says);
  name.remove_prefix(name.rfind('.') + 1);
  const std::size_t found =
      name.empty() ? std::string_view::npos : line.substr(0, byte_of(line, at.column)).rfind(name);
  if (found == std::string_view::npos) return at;
  return {at.line, column_of(line, found)};
}

std::string written_twice(std::string_view says, bool shown) {
  if (!shown) return "this is written twice; keep one of them";
  const std::string name = visible(between_quotes(says), longest_shown);
  if (says.find("as array-of-tables") != std::string_view::npos || says.find(" as table") != std::string_view::npos)
    return fmt::format("{0} is written both as [{0}] and as [[{0}]]; use one of them throughout", name);
  if (name.empty()) return "a part of this key has a value already, so nothing can be put below it; rename one of them";
  return fmt::format("{} is written twice; keep one of them", name);
}

std::string not_closed(std::string_view about) {
  if (about == "string" || about == "literal string") return "this text is never closed; end it with its quotes";
  if (about == "array") return "this list is never closed; end it with ]";
  if (about == "inline table") return "this table is never closed; end it with } on the same line";
  if (about == "table header") return "this header is never closed; end it with ] or ]]";
  if (about == "key-value pair") return "this key has no value; write KEY = VALUE";
  return fmt::format("the file ends in the middle of a {}", about.empty() ? "value" : about);
}

std::string explain(const Sentence& sentence, bool at_line_end, bool shown) {
  const auto& [about, says] = sentence;
  if (says == "encountered end-of-file") return not_closed(about);
  if (says.starts_with("cannot redefine")) return written_twice(says, shown);
  if (says.find("control characters") != std::string_view::npos) {
    return at_line_end ? "this text is not closed on its line; end it with its quotes"
                       : "text cannot hold control characters as they are; write them as \\uNNNN";
  }
  if (about == "table header" && at_line_end) return not_closed(about);
  if (!shown)
    return "this is not TOML: a line is KEY = VALUE, [TABLE], [[TABLE]] or a # comment; is it the right file? (Nothing "
           "of "
           "it is shown, since it may hold a secret.)";
  if (says.starts_with("expected keys"))
    return fmt::format("this is not TOML: a line is KEY = VALUE, [TABLE], [[TABLE]] or a # comment ({})",
                       says.substr(std::min(says.find("saw "), says.size())));
  if (about == "inline table" && at_line_end) return "a table in braces has to stand on one line";
  const std::string said = visible(from_visible(says), longest_shown);  // toml++ has escaped them once
  if (says.starts_with("expected a comment or whitespace"))
    return fmt::format("nothing but a comment may follow here ({}); write each KEY = VALUE on a line of its own", said);
  if (says.starts_with("expected '='")) return fmt::format("a key is followed by = and its value ({})", said);
  if (about.empty()) return fmt::format("this is not TOML: {}", said);
  return fmt::format("this is not TOML: in a {}, {}", about, said);
}

/// Is a key of this line called as those of secrets are? What follows it is shown to nobody.
bool holds_a_secret(std::string_view line) {
  for (std::size_t equals = line.find('='); equals != std::string_view::npos; equals = line.find('=', equals + 1)) {
    std::string_view key = line.substr(0, equals);
    key = key.substr(0, key.find_last_not_of(" \t\"'") + 1);
    if (names_a_secret(key.substr(key.find_last_of(" \t\"'{,.") + 1))) return true;
  }
  return false;
}

/// What to write in place of a bare word.
std::string advice_on(std::string_view token, const std::string& shown) {
  const bool digits_and_dots = token.find_first_not_of("0123456789./") == std::string_view::npos;
  const auto separators = std::count_if(token.begin(), token.end(), [](char c) { return c == '.' || c == '/'; });
  if (digits_and_dots && separators == 2 && token.size() >= 8 && token.size() <= 10)
    return fmt::format("{} is no date of TOML; write year-month-day without quotes: 2027-01-31", shown);
  for (const std::string_view word : {"True", "TRUE", "False", "FALSE", "yes", "Yes", "no", "No", "on", "off"})
    if (token == word)
      return fmt::format("{} is not true or false; write one of these, small and without quotes", shown);
  for (const std::string_view quote : {"\u201c", "\u201d", "\u201e", "\u2018", "\u2019"})
    if (token.starts_with(quote)) return "these are typographic quotes; TOML takes straight ones: \"";
  return fmt::format("{0} has to stand in quotes: \"{0}\"", shown);
}

}  // namespace

SyntaxError reword(std::string_view text, Position at, std::string_view description, bool shown) {
  const Sentence sentence = split(description);
  const std::string_view line = line_of(text, at.line);
  const std::size_t byte = byte_of(line, at.column);
  const bool open = shown && !holds_a_secret(line);
  if (about_a_value(sentence.about) && sentence.says.find("(inclusive)") == std::string_view::npos) {
    if (const auto bare = bare_text(line, byte)) {
      const Position begin{at.line, column_of(line, bare->begin)};
      if (!open) return {begin, "a text has to stand in quotes (it is not shown, since it may be a secret)"};
      const std::string token = visible(bare->token, longest_shown);
      return {begin, advice_on(bare->token, token)};
    }
  }
  return {about_a_repeated_key(sentence) ? start_of_key(line, at, sentence.says) : at,
          explain(sentence, byte >= line.size(), open)};
}

}  // namespace audit::inventory
