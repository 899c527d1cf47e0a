#include "proto/dns_type.hpp"

#include <stdbool.h>  // before ldns, which otherwise defines bool, true and false away

#include <ldns/ldns.h>

#include <array>
#include <charconv>
#include <string_view>

#include "proto/ascii.hpp"
#include "proto/dns.hpp"

namespace audit::proto {
namespace {

struct QueryType {
  std::uint16_t type;
  std::string_view name;
};

// What only a question asks for; ldns has no descriptors of these.
constexpr std::array<QueryType, 5> query_types{
    {{251, "IXFR"}, {252, "AXFR"}, {253, "MAILB"}, {254, "MAILA"}, {255, "ANY"}}};

// IANA's names, which ldns spells otherwise in part.
constexpr std::array<std::string_view, 12> rcodes{"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN",
                                                  "NOTIMP",  "REFUSED", "YXDOMAIN", "YXRRSET",
                                                  "NXRRSET", "NOTAUTH", "NOTZONE",  "DSOTYPENI"};
constexpr unsigned rcode_badvers = 16;

}  // namespace

void append_type(std::string& text, std::uint16_t type) {
  const ldns_rr_descriptor* row = ldns_rr_descript(type);
  if (row != nullptr && row->_name != nullptr && row->_type == type) {
    text += row->_name;
    return;
  }
  for (const QueryType& query : query_types)
    if (query.type == type) {
      text += query.name;
      return;
    }
  std::array<char, 8> digits{};
  text += "TYPE";
  text.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), type).ptr);
}

std::string dns_type_name(std::uint16_t type) {
  std::string name;
  append_type(name, type);
  return name;
}

std::optional<std::uint16_t> dns_type(std::string_view name) {
  if (name.empty() || name.size() > 16) return std::nullopt;
  if (same_text(name.substr(0, 4), "TYPE")) {
    std::uint16_t type = 0;
    const char* end = name.data() + name.size();
    const auto [rest, failed] = std::from_chars(name.data() + 4, end, type);
    if (failed != std::errc() || rest != end) return std::nullopt;
    return type;
  }
  for (const QueryType& query : query_types)
    if (same_text(name, query.name)) return query.type;
  const auto type = static_cast<std::uint16_t>(ldns_get_rr_type_by_name(std::string(name).c_str()));
  if (type == 0) return std::nullopt;
  return type;
}

std::string dns_rcode_name(unsigned rcode) {
  if (rcode < rcodes.size()) return std::string(rcodes[rcode]);
  if (rcode == rcode_badvers) return "BADVERS";
  return "RCODE" + std::to_string(rcode);
}

}  // namespace audit::proto
