#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.hpp"
#include "inventory/read_value.hpp"
#include "inventory/target_source.hpp"

namespace audit::inventory {
namespace {

constexpr std::size_t most_columns = 256;
constexpr std::size_t longest_field = 65'536;
constexpr std::string_view blanks = " \t";

struct Field {
  std::string text;
  std::size_t offset = 0;
};

/// Cuts a text into records (RFC 4180 2), which a line break ends that no quotes are around.
class Records {
 public:
  Records(std::string_view text, ReadSource& source) : text_(text), source_(source) {}

  /// False at the end, or after a mistake.
  bool next(std::vector<Field>& fields) {
    fields.clear();
    if (at_ >= text_.size() || failed_) return false;
    while (true) {
      Field field;
      if (!read(field)) return false;
      fields.push_back(std::move(field));
      if (fields.size() > most_columns) return fail(at_, fmt::format("there are more than {} columns", most_columns));
      if (at_ >= text_.size()) return true;
      const char c = text_[at_++];
      if (c == ',') continue;
      if (c == '\r' && at_ < text_.size() && text_[at_] == '\n') ++at_;
      return true;
    }
  }

 private:
  bool read(Field& field) {
    field.offset = at_;
    if (at_ < text_.size() && text_[at_] == '"') return read_quoted(field);
    const std::size_t end = std::min(text_.find_first_of(",\r\n", at_), text_.size());
    field.text = text_.substr(at_, end - at_);
    at_ = end;
    if (field.text.size() > longest_field) return too_long(field);
    if (field.text.find('"') != std::string::npos)
      return fail(field.offset, "a quote within a field; put quotes around the whole of it, and write \"\" for one");
    return true;
  }

  bool read_quoted(Field& field) {
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] != '"') {
        field.text += text_[at_];
      } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
        field.text += text_[at_++];
      } else {
        ++at_;
        if (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '\r' && text_[at_] != '\n')
          return fail(at_, "something follows the quote that ends this field; write \"\" for a quote within it");
        return true;
      }
      if (field.text.size() > longest_field) return too_long(field);
    }
    return fail(field.offset, "the quote that begins here is never closed");
  }

  bool too_long(const Field& field) {
    return fail(field.offset, fmt::format("this field is longer than {} bytes", longest_field));
  }

  bool fail(std::size_t offset, std::string why) {
    failed_ = true;
    source_.mistakes.push_back({Lines(text_).at(offset), std::move(why)});
    return false;
  }

  std::string_view text_;
  ReadSource& source_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(";,"), text.size());
    if (const std::string_view word = trimmed(text.substr(0, end)); !word.empty()) words.emplace_back(word);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

constexpr std::array<std::string_view, 5> known_columns{"address", "groups", "tags", "owner", "criticality"};
enum Column : std::size_t { address, groups, tags, owner, criticality };
using Where = std::array<std::optional<std::size_t>, known_columns.size()>;

std::string lower_case(std::string_view name) {
  std::string lower;
  for (const char c : name) lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

/// The column that a name is a slip of, or "".
std::string_view close_to(std::string_view name) {
  return nearest(lower_case(name), {known_columns.begin(), known_columns.end()});
}

/// Is it what other programs call an address?
bool is_like_address(std::string_view name) {
  constexpr std::array<std::string_view, 6> other{"ip", "host", "hostname", "ip_address", "ip address", "name"};
  return close_to(name) == known_columns[address] ||
         std::find(other.begin(), other.end(), lower_case(name)) != other.end();
}

/// Why a first row without an address is none.
std::string hint_of(const std::vector<Field>& header) {
  if (header.size() == 1 && header.front().text.find_first_of(";\t") != std::string::npos)
    return "its fields are to be separated by commas";
  std::string row;
  for (const Field& field : header) {
    if (is_like_address(trimmed(field.text)))
      return fmt::format("write address in place of {}", quoted(trimmed(field.text)));
    row += (row.empty() ? "" : ",") + field.text;
  }
  return "here it is " + quoted(row);
}

/// Which field is which; false where the header will not do.
bool read_header(const std::vector<Field>& header, Lines& lines, ReadSource& source, Where& where) {
  std::string ignored;
  for (std::size_t i = 0; i < header.size(); ++i) {
    const std::string_view name = trimmed(header[i].text);
    const auto known = std::find(known_columns.begin(), known_columns.end(), name);
    if (known == known_columns.end()) {
      const std::string_view close = close_to(name);
      ignored += fmt::format("{}{}{}", ignored.empty() ? "" : ", ", quoted(name),
                             close.empty() ? "" : fmt::format(" (did you mean {}?)", quoted(close)));
      continue;
    }
    auto& column = where[static_cast<std::size_t>(known - known_columns.begin())];
    if (column) {
      source.mistakes.push_back({lines.at(header[i].offset), fmt::format("there are two columns {}", quoted(name))});
      return false;
    }
    column = i;
  }
  if (!where[address]) {
    source.mistakes.push_back({{1, 1},
                               fmt::format("the first row has to name the columns, address among them: "
                                           "address,groups,tags,owner,criticality; {}",
                                           hint_of(header))});
    return false;
  }
  if (!ignored.empty())
    source.notices.push_back(
        fmt::format("columns that are not read: {} (read are address, groups, tags, owner, "
                    "criticality)",
                    abbreviated(ignored)));
  return true;
}

}  // namespace

ReadSource read_csv_source(std::string_view bytes) {
  ReadSource source;
  if (bytes.starts_with("\xef\xbb\xbf")) bytes.remove_prefix(3);
  if (complain_of_encoding(bytes, source)) return source;
  Records records(bytes, source);
  Lines lines(bytes);
  std::vector<Field> fields;
  if (!records.next(fields)) {
    if (source.mistakes.empty()) source.mistakes.push_back({{1, 1}, "is empty; the first row names the columns"});
    return source;
  }
  Where where;
  if (!read_header(fields, lines, source, where)) return source;
  const std::size_t width = fields.size();
  while (records.next(fields)) {
    if (fields.size() == 1 && trimmed(fields.front().text).empty()) continue;
    const Position row = lines.at(fields.front().offset);
    if (fields.size() != width) {
      source.mistakes.push_back(
          {row, fmt::format("this row has {}, and the first has {}", counted(fields.size(), "field"), width)});
      if (source.mistakes.size() > Mistakes::most) return source;
      continue;
    }
    if (source.targets.size() == most_sourced) {
      source.mistakes.push_back({row, fmt::format("a source names at most {} targets", most_sourced)});
      return source;
    }
    const auto text = [&](Column column) {
      return where[column] ? trimmed(fields[*where[column]].text) : std::string_view();
    };
    SourcedTarget target;
    target.at = lines.at(fields[*where[address]].offset);
    target.address = text(address);
    target.groups = words_of(text(groups));
    target.tags = words_of(text(tags));
    target.owner = text(owner);
    target.criticality = text(criticality);
    source.targets.push_back(std::move(target));
  }
  return source;
}

}  // namespace audit::inventory
