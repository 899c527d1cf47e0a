#include "proto/ssh_kexinit.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "proto/ssh_message.hpp"
#include "proto/ssh_wire.hpp"
#include "proto/wire.hpp"

namespace audit::proto {
namespace {

constexpr std::size_t most_names = 512;
constexpr std::size_t longest_name = 64;

struct Row {
  SshNameList SshKexInit::*list;
  std::string_view name;
};

constexpr Row rows[] = {
    {&SshKexInit::kex, "kex_algorithms"},
    {&SshKexInit::host_keys, "server_host_key_algorithms"},
    {&SshKexInit::ciphers_to_server, "encryption_algorithms_client_to_server"},
    {&SshKexInit::ciphers_to_client, "encryption_algorithms_server_to_client"},
    {&SshKexInit::macs_to_server, "mac_algorithms_client_to_server"},
    {&SshKexInit::macs_to_client, "mac_algorithms_server_to_client"},
    {&SshKexInit::compression_to_server, "compression_algorithms_client_to_server"},
    {&SshKexInit::compression_to_client, "compression_algorithms_server_to_client"},
    {&SshKexInit::languages_to_server, "languages_client_to_server"},
    {&SshKexInit::languages_to_client, "languages_server_to_client"},
};

bool is_foreign(char c) { return c <= ' ' || c > '~'; }  // char may be signed: bytes above 127 are below ' ' then

SshNameList read_names(std::string_view bytes) {
  SshNameList list;
  if (bytes.empty()) return list;
  for (std::size_t at = 0; at <= bytes.size();) {
    const std::size_t comma = std::min(bytes.find(',', at), bytes.size());
    const std::string_view name = bytes.substr(at, comma - at);
    at = comma + 1;
    if (name.empty()) {
      ++list.empty;
    } else if (list.names.size() >= most_names) {
      ++list.left_out;
    } else {
      list.foreign += std::any_of(name.begin(), name.end(), is_foreign) ? 1 : 0;
      list.overlong += name.size() > longest_name ? 1 : 0;
      list.names.emplace_back(name);
    }
  }
  return list;
}

}  // namespace

bool SshNameList::holds(std::string_view name) const {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Result<SshKexInit> parse_ssh_kexinit(std::string_view payload) {
  SshCursor cursor(payload);
  if (const std::uint8_t number = cursor.byte(); number != ssh_msg_kexinit)
    return Error(Reason::protocol_error, fmt::format("SSH message {} where KEXINIT was due", number));
  SshKexInit message;
  const std::string_view cookie = cursor.raw(message.cookie.size());
  for (std::size_t i = 0; i < cookie.size(); ++i) message.cookie[i] = get8(cookie, i);
  for (const Row& row : rows) {
    message.*row.list = read_names(cursor.string());
    if (!cursor.good())
      return Error(Reason::protocol_error, fmt::format("{} of KEXINIT does not fit in its message", row.name));
  }
  message.first_kex_packet_follows = cursor.byte() != 0;
  const std::uint32_t reserved = cursor.number();
  if (!cursor.good()) return Error(Reason::protocol_error, "KEXINIT ends before its last field");
  if (!cursor.ended())
    return Error(Reason::protocol_error, fmt::format("KEXINIT has {} bytes too many", cursor.rest().size()));
  static_cast<void>(reserved);  // for future extension: whatever it holds, it says nothing yet
  return message;
}

std::string encode_ssh_kexinit(const SshKexInit& message) {
  std::string payload(1, static_cast<char>(ssh_msg_kexinit));
  for (const std::uint8_t byte : message.cookie) payload += static_cast<char>(byte);
  for (const Row& row : rows) {
    std::string joined;
    for (const std::string& name : (message.*row.list).names) {
      if (!joined.empty()) joined += ',';
      joined += name;
    }
    put_ssh_string(payload, joined);
  }
  payload += message.first_kex_packet_follows ? '\1' : '\0';
  put_ssh_number(payload, 0);
  return payload;
}

}  // namespace audit::proto
