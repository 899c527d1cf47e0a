#include "trial/zone.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.hpp"

namespace audit::trial {
namespace {

constexpr std::size_t header_size = 12;
constexpr std::size_t longest_label = 63;
constexpr std::size_t longest_string = 255;

struct Named {
  std::string_view name;
  std::uint16_t number;
};
constexpr Named types[] = {{"A", 1}, {"NS", 2}, {"CNAME", 5}, {"PTR", 12}, {"MX", 15}, {"TXT", 16}, {"AAAA", 28}};
constexpr Named rcodes[] = {{"NOERROR", 0},  {"FORMERR", 1}, {"SERVFAIL", 2},
                            {"NXDOMAIN", 3}, {"NOTIMP", 4},  {"REFUSED", 5}};

std::vector<std::string_view> words_of(const Named* begin, const Named* end) {
  std::vector<std::string_view> words;
  for (; begin != end; ++begin) words.push_back(begin->name);
  return words;
}

void put_16(std::string& bytes, std::size_t number) {
  bytes += static_cast<char>((number >> 8U) & 0xffU);
  bytes += static_cast<char>(number & 0xffU);
}

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

std::string with_dot(std::string name) {
  name = lower(std::move(name));
  if (!name.ends_with('.')) name += '.';
  return name;
}

std::optional<std::string> encode_name(const std::string& name) {
  std::string bytes;
  std::string_view rest = name;
  while (!rest.empty() && rest != ".") {
    const std::size_t dot = std::min(rest.find('.'), rest.size());
    if (dot == 0 || dot > longest_label) return std::nullopt;
    bytes += static_cast<char>(dot);
    bytes += rest.substr(0, dot);
    rest.remove_prefix(std::min(dot + 1, rest.size()));
  }
  bytes += '\0';
  return bytes;
}

std::optional<std::string> encode_data(std::string_view type, const std::string& text) {
  if (type == "A" || type == "AAAA") {
    const auto address = parse_address(text);
    const bool four = type == "A";
    if (!address || (address->family == Family::v4) != four) return std::nullopt;
    return std::string(reinterpret_cast<const char*>(address->bytes.data()), four ? 4 : 16);  // NOLINT
  }
  if (type == "TXT") {
    std::string bytes;
    for (std::size_t at = 0; at == 0 || at < text.size(); at += longest_string) {
      const std::string piece = text.substr(at, longest_string);
      bytes += static_cast<char>(piece.size());
      bytes += piece;
    }
    return bytes;
  }
  if (type != "MX") return encode_name(text);
  std::uint16_t preference = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), preference);
  if (failure != std::errc() || end == text.data() + text.size() || *end != ' ') return std::nullopt;
  const auto name = encode_name(std::string(end + 1, text.data() + text.size()));
  if (!name) return std::nullopt;
  std::string bytes;
  put_16(bytes, preference);
  return bytes + *name;
}

/// A question's name, and where its type stands.
std::optional<std::pair<std::string, std::size_t>> question_of(std::string_view query) {
  std::string name;
  std::size_t at = header_size;
  while (at < query.size() && query[at] != '\0') {
    const auto length = static_cast<unsigned char>(query[at]);
    if (length > longest_label || at + 1 + length > query.size()) return std::nullopt;
    name += query.substr(at + 1, length);
    name += '.';
    at += 1U + length;
  }
  constexpr std::size_t type_and_class = 4;
  if (at + 1 + type_and_class > query.size()) return std::nullopt;
  return std::pair(lower(name), at + 1);
}

void read_records(const std::string& place, const std::string& name, const Value& given, ZoneName& known,
                  std::vector<std::string>& mistakes) {
  const auto complain = [&](const std::string& what) {
    mistakes.push_back(fmt::format("{}: dns: `{}` {}", place, visible(name), what));
  };
  const auto take_rcode = [&](const std::string& word) {
    known.rcode = word;
    const bool good = word == "silence" || std::any_of(std::begin(rcodes), std::end(rcodes),
                                                       [&](const Named& one) { return one.name == word; });
    if (!good)
      complain(fmt::format("cannot be `{}`; it is silence, or {}", visible(word),
                           fmt::join(words_of(std::begin(rcodes), std::end(rcodes)), ", ")));
  };
  if (const auto* word = given.get_if<std::string>()) {
    take_rcode(*word);
    return;
  }
  const auto* object = given.get_if<Value::Object>();
  if (object == nullptr) {
    complain("is to be { A = \"10.0.0.1\" }, or a word such as NXDOMAIN");
    return;
  }
  for (const auto& [type, value] : *object) {
    const auto* one = value.get_if<std::string>();
    if (type == "rcode" && one != nullptr) {
      take_rcode(*one);
      continue;
    }
    const bool has_type = std::any_of(std::begin(types), std::end(types), [&, &wanted = type](const Named& known_type) {
      return known_type.name == wanted;
    });
    if (!has_type) {
      complain(fmt::format("has no records of type `{}`; there are {}", visible(type),
                           fmt::join(words_of(std::begin(types), std::end(types)), ", ")));
      continue;
    }
    std::vector<std::string>& texts = known.records[type];
    if (one != nullptr) texts.push_back(*one);
    if (const auto* list = value.get_if<Value::Array>())
      for (const Value& item : *list)
        if (const auto* text = item.get_if<std::string>()) texts.push_back(*text);
    for (const std::string& text : texts)
      if (!encode_data(type, text)) complain(fmt::format("has a record {} `{}`, which cannot be", type, visible(text)));
    if (texts.empty()) complain(fmt::format("has no text for {}", type));
  }
}

}  // namespace

void read_zone(const std::string& place, const Value& table, Zone& zone, std::vector<std::string>& mistakes) {
  const auto* object = table.get_if<Value::Object>();
  if (object == nullptr) {
    mistakes.push_back(place + ": dns takes names: dns { [\"www.example\"] = { A = \"10.0.0.1\" } }");
    return;
  }
  for (const auto& [name, given] : *object) {
    const auto address = parse_address(name);
    const std::string key = name == "*" ? name : with_dot(address ? reverse_name(*address) : name);
    if (key != "*" && !encode_name(key))
      mistakes.push_back(fmt::format("{}: dns: `{}` is no name", place, visible(name)));
    read_records(place, name, given, zone[key], mistakes);
  }
}

void add_addresses(Zone& zone, const std::string& name, const std::vector<std::string>& addresses) {
  const auto [known, added] = zone.try_emplace(with_dot(name));
  if (!added) return;
  for (const std::string& text : addresses)
    if (const auto address = parse_address(text))
      known->second.records[address->family == Family::v4 ? "A" : "AAAA"].push_back(text);
}

std::optional<std::string> answer(const Zone& zone, std::string_view query) {
  if (query.size() < header_size) return std::nullopt;
  const auto question = question_of(query);
  if (!question) return std::nullopt;
  const auto& [name, at] = *question;
  const auto type = static_cast<std::uint16_t>((static_cast<unsigned char>(query[at]) << 8U) |
                                               static_cast<unsigned char>(query[at + 1]));
  auto known = zone.find(name);
  if (known == zone.end()) known = zone.find("*");
  std::string_view rcode = known == zone.end() ? "NXDOMAIN" : std::string_view(known->second.rcode);
  if (rcode == "silence") return std::nullopt;
  std::string records;
  std::size_t count = 0;
  for (const Named& one : types) {
    if (known == zone.end() || (one.number != type && one.name != "CNAME")) continue;
    const auto texts = known->second.records.find(std::string(one.name));
    if (texts == known->second.records.end()) continue;
    for (const std::string& text : texts->second) {
      const std::string data = encode_data(one.name, text).value_or("");
      put_16(records, 0xc00c);  // the question's name
      put_16(records, one.number);
      put_16(records, 1);  // IN
      put_16(records, 0);
      put_16(records, 300);  // seconds to live
      put_16(records, data.size());
      records += data;
      ++count;
    }
  }
  std::size_t number = 0;
  for (const Named& one : rcodes)
    if (one.name == rcode) number = one.number;
  std::string reply(query.substr(0, 2));
  const bool recursion = (static_cast<unsigned char>(query[2]) & 1U) != 0;
  put_16(reply, 0x8480U | (recursion ? 0x0100U : 0U) | number);  // QR, AA, RA
  put_16(reply, 1);
  put_16(reply, count);
  put_16(reply, 0);
  put_16(reply, 0);
  constexpr std::size_t type_and_class = 4;
  reply += query.substr(header_size, at + type_and_class - header_size);
  return reply + records;
}

}  // namespace audit::trial
