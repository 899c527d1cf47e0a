#include "proto/dns_name.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "proto/ascii.hpp"
#include "proto/wire.hpp"

namespace audit::proto {
namespace {

constexpr std::size_t label_max = 63;
constexpr int jumps_max = 128;  // a name has at most 127 labels, and a pointer that leads to no label is of no use
constexpr std::size_t header_size = 12;

Error bad_name(std::string_view name, std::string_view why) {
  return Error(Reason::protocol_error, "\"" + visible(name, 80) + "\" is no domain name: " + std::string(why));
}

/// Takes the byte that `text` begins with, an escape or a plain one. False where the escape is none.
bool take_byte(std::string_view& text, char& byte) {
  byte = text.front();
  text.remove_prefix(1);
  if (byte != '\\') return true;
  if (text.empty()) return false;
  if (!is_digit(text[0])) {
    byte = text.front();
    text.remove_prefix(1);
    return true;
  }
  if (text.size() < 3 || !is_digit(text[1]) || !is_digit(text[2])) return false;
  const int code = (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0');
  text.remove_prefix(3);
  byte = static_cast<char>(code);
  return code <= 255;
}

/// How many bytes at the front stand for themselves in a label, at most so many.
std::size_t plain_run(std::string_view text, std::size_t most) {
  const std::size_t end = std::min(text.size(), most);
  std::size_t run = 0;
  while (run < end && text[run] > ' ' && text[run] < 127 && text[run] != '.' && text[run] != '\\') ++run;
  return run;
}

}  // namespace

Result<std::string> name_to_wire(std::string_view name) {
  if (name.empty()) return bad_name(name, "it is empty; the root is written \".\"");
  if (name == ".") return std::string(1, '\0');
  std::string wire(1, '\0');
  std::size_t label = 0;  // where the length of the current label stands
  for (std::string_view rest = name; !rest.empty();) {
    const std::size_t run = plain_run(rest, label_max - (wire.size() - label - 1));
    if (run > 0) {
      wire.append(rest, 0, run);
      wire[label] = static_cast<char>(wire.size() - label - 1);
      if (wire.size() > dns_name_max) return bad_name(name, "it is longer than 255 bytes");
      rest.remove_prefix(run);
      continue;
    }
    const bool plain = rest.front() != '\\';
    char byte = 0;
    if (!take_byte(rest, byte))
      return bad_name(name, "an escape is \\DDD up to \\255, or \\ and a byte that is no digit");
    if (plain && byte == '.') {
      if (wire.size() == label + 1) return bad_name(name, "a label is empty");
      label = wire.size();
      wire += '\0';
      continue;
    }
    if (plain && (is_control(byte) || byte == ' ' || static_cast<unsigned char>(byte) > 127))
      return bad_name(name, "write a byte that is not printable ASCII as \\DDD, an international name as xn--…");
    if (wire.size() - label > label_max) return bad_name(name, "a label is longer than 63 bytes");
    wire += byte;
    wire[label] = static_cast<char>(wire.size() - label - 1);
    if (wire.size() > dns_name_max) return bad_name(name, "it is longer than 255 bytes");
  }
  if (wire.size() > label + 1) wire += '\0';
  if (wire.size() > dns_name_max) return bad_name(name, "it is longer than 255 bytes");
  return wire;
}

NameRead skip_name(std::string_view message, std::size_t& offset) noexcept {
  std::size_t length = 0;
  while (offset < message.size()) {
    const std::uint8_t label = get8(message, offset);
    if (label >= 0xc0) {
      if (offset + 2 > message.size()) return NameRead::cut;
      offset += 2;
      return NameRead::ok;
    }
    if (label > label_max) return NameRead::malformed;
    offset += 1u + label;
    length += 1u + label;
    if (length > dns_name_max) return NameRead::malformed;
    if (label == 0) return NameRead::ok;
  }
  return NameRead::cut;
}

NameRead read_name(std::string_view message, std::size_t& offset, std::size_t end, std::string& wire) {
  wire.clear();
  std::size_t at = offset;
  std::size_t limit = end;      // where the run of labels that is being read must end
  std::size_t lowest = offset;  // a pointer must lead below what was read already
  bool jumped = false;
  for (int jumps = 0; jumps <= jumps_max;) {
    if (at >= limit) return jumped ? NameRead::malformed : NameRead::cut;
    const std::uint8_t label = get8(message, at);
    if (label >= 0xc0) {
      if (at + 2 > limit) return jumped ? NameRead::malformed : NameRead::cut;
      const std::size_t target = get16(message, at) & 0x3fffu;
      if (target >= lowest || target < header_size) return NameRead::malformed;
      if (!jumped) offset = at + 2;
      jumped = true;
      limit = lowest;
      lowest = at = target;
      ++jumps;
      continue;
    }
    if (label > label_max || wire.size() + 1 + label > dns_name_max) return NameRead::malformed;
    if (at + 1 + label > limit) return jumped ? NameRead::malformed : NameRead::cut;
    wire.append(message.substr(at, 1u + label));
    at += 1u + label;
    if (label == 0) {
      if (!jumped) offset = at;
      return NameRead::ok;
    }
  }
  return NameRead::malformed;
}

void append_escaped(std::string& text, char byte, std::string_view special) {
  const auto code = static_cast<unsigned char>(byte);
  if (code < 32 || code > 126) {
    text += '\\';
    text += static_cast<char>('0' + code / 100);
    text += static_cast<char>('0' + code / 10 % 10);
    text += static_cast<char>('0' + code % 10);
    return;
  }
  if (special.find(byte) != std::string_view::npos) text += '\\';
  text += byte;
}

void append_name(std::string& text, std::string_view wire) {
  if (wire.size() <= 1) {
    text += '.';
    return;
  }
  for (std::size_t at = 0; at < wire.size() && wire[at] != '\0';) {
    const std::uint8_t length = get8(wire, at);
    for (const char byte : wire.substr(at + 1, length)) {
      if (byte == ' ')
        text += "\\032";
      else
        append_escaped(text, byte, ".\\\"();@$");
    }
    text += '.';
    at += 1u + length;
  }
}

}  // namespace audit::proto
