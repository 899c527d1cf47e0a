#include "proto/dns_rdata.hpp"

#include <stdbool.h>  // before ldns, which otherwise defines bool, true and false away

#include <ldns/ldns.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>

#include <fmt/format.h>

#include "base/text.hpp"
#include "proto/dns_name.hpp"
#include "proto/dns_type.hpp"
#include "proto/wire.hpp"

namespace audit::proto {
namespace {

constexpr std::size_t bitmap_types_max = 1024;  // an NSEC of more is written as unknown data
constexpr std::size_t loc_size = 16;            // RFC 1876 2, version 0

void append_quoted(std::string& text, std::string_view bytes) {
  text += '"';
  for (const char byte : bytes) append_escaped(text, byte, "\"\\");
  text += '"';
}

enum class Rdata { ok, malformed, unknown };

constexpr Rdata fits(bool whole) noexcept { return whole ? Rdata::ok : Rdata::malformed; }

/// The RDATA of one record, cut field by field.
class RdataReader {
 public:
  RdataReader(std::string_view message, std::size_t offset, std::size_t length, DnsRecord& record)
      : message_(message), at_(offset), end_(offset + length), record_(record) {}

  [[nodiscard]] bool at_end() const noexcept { return at_ == end_; }
  [[nodiscard]] Rdata field(ldns_rdf_type kind);

 private:
  /// A field that is cut and rendered here; `unknown` for one that is not.
  [[nodiscard]] Rdata plain_field(ldns_rdf_type kind);
  [[nodiscard]] std::string_view rest() noexcept { return take(end_ - at_); }
  [[nodiscard]] bool has(std::size_t size) const noexcept { return end_ - at_ >= size; }
  [[nodiscard]] std::string_view take(std::size_t size) noexcept {
    const std::string_view bytes = message_.substr(at_, size);
    at_ += size;
    return bytes;
  }
  /// The bytes after a length of one byte.
  [[nodiscard]] bool counted_bytes(std::string_view& bytes) noexcept;

  [[nodiscard]] bool number(std::size_t size);
  [[nodiscard]] bool name();
  [[nodiscard]] bool address(Family family);
  [[nodiscard]] bool groups(std::size_t count, std::size_t size, char between);
  [[nodiscard]] bool time();
  [[nodiscard]] bool bitmap();
  [[nodiscard]] bool by_ldns(ldns_rdf_type kind);
  void base32(std::string_view bytes);

  std::string_view message_;
  std::size_t at_;
  std::size_t end_;
  DnsRecord& record_;
};

bool RdataReader::counted_bytes(std::string_view& bytes) noexcept {
  if (!has(1)) return false;
  const std::uint8_t size = get8(message_, at_++);
  if (!has(size)) return false;
  bytes = take(size);
  return true;
}

bool RdataReader::number(std::size_t size) {
  if (!has(size)) return false;
  std::uint32_t value = 0;
  for (const char byte : take(size)) value = value << 8 | static_cast<unsigned char>(byte);
  fmt::format_to(std::back_inserter(record_.data), "{}", value);
  return true;
}

bool RdataReader::name() {
  std::string wire;
  if (read_name(message_, at_, end_, wire) != NameRead::ok) return false;
  append_name(record_.data, wire);
  return true;
}

bool RdataReader::address(Family family) {
  const std::size_t size = family == Family::v4 ? 4 : 16;
  if (!has(size)) return false;
  IpAddress address;
  address.family = family;
  const std::string_view bytes = take(size);
  std::copy(bytes.begin(), bytes.end(), address.bytes.begin());
  record_.data += format_address(address);
  record_.address = address;
  return true;
}

/// Hex numbers of `size` bytes each: EUI48, EUI64 (RFC 7043), NID, L64 (RFC 6742).
bool RdataReader::groups(std::size_t count, std::size_t size, char between) {
  if (!has(count * size)) return false;
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) record_.data += between;
    record_.data += to_hex(take(size));
  }
  return true;
}

/// YYYYMMDDHHmmSS (RFC 4034 3.2), counted from 1970 without wrapping: the same bytes give the same text on every day.
bool RdataReader::time() {
  if (!has(4)) return false;
  using namespace std::chrono;
  const sys_seconds when{seconds(get32(take(4), 0))};
  const auto day = floor<days>(when);
  const year_month_day date(day);
  const hh_mm_ss clock(when - day);
  fmt::format_to(std::back_inserter(record_.data), "{:04}{:02}{:02}{:02}{:02}{:02}", static_cast<int>(date.year()),
                 static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                 clock.minutes().count(), clock.seconds().count());
  return true;
}

/// Window, length, bits (RFC 4034 4.1.2).
bool RdataReader::bitmap() {
  std::size_t types = 0;
  int last_window = -1;
  while (!at_end()) {
    if (!has(2)) return false;
    const int window = get8(message_, at_);
    const std::size_t size = get8(message_, at_ + 1);
    at_ += 2;
    if (window <= last_window || size == 0 || size > 32 || !has(size)) return false;
    last_window = window;
    const std::string_view bits = take(size);
    for (std::size_t bit = 0; bit < size * 8; ++bit) {
      if ((get8(bits, bit / 8) & 0x80u >> bit % 8) == 0) continue;
      if (types++ > 0) record_.data += ' ';
      if (types > bitmap_types_max) return false;
      append_type(record_.data, static_cast<std::uint16_t>(static_cast<std::size_t>(window) * 256 + bit));
    }
  }
  return true;
}

/// base32hex without padding (RFC 5155 3.3).
void RdataReader::base32(std::string_view bytes) {
  std::string text(ldns_b32_ntop_calculate_size(bytes.size()) + 1, '\0');
  const int size = ldns_b32_ntop_extended_hex(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(),
                                              text.data(), text.size());
  text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  record_.data += text.substr(0, text.find('='));
}

/// What ldns renders without looking beyond the field: base64, and LOC of version 0.
bool RdataReader::by_ldns(ldns_rdf_type kind) {
  std::string bytes(rest());
  if (bytes.empty()) return true;
  if (kind == LDNS_RDF_TYPE_LOC && (bytes.size() != loc_size || bytes[0] != '\0')) return false;
  const std::unique_ptr<ldns_rdf, void (*)(ldns_rdf*)> field(ldns_rdf_new(kind, bytes.size(), bytes.data()),
                                                             ldns_rdf_free);
  if (!field) return false;
  const std::unique_ptr<char, void (*)(void*)> text(ldns_rdf2str(field.get()), std::free);
  if (!text) return false;
  std::string_view rendered(text.get());
  while (rendered.ends_with(' ')) rendered.remove_suffix(1);
  if (!std::all_of(rendered.begin(), rendered.end(), [](char c) { return c >= ' ' && c <= '~'; })) return false;
  record_.data += rendered;
  return true;
}

Rdata RdataReader::plain_field(ldns_rdf_type kind) {
  std::string_view bytes;
  switch (kind) {
    case LDNS_RDF_TYPE_HEX: record_.data += to_hex(rest()); return Rdata::ok;
    case LDNS_RDF_TYPE_LONG_STR: append_quoted(record_.data, rest()); return Rdata::ok;
    case LDNS_RDF_TYPE_STR:
      if (!counted_bytes(bytes)) return Rdata::malformed;
      append_quoted(record_.data, bytes);
      return Rdata::ok;
    case LDNS_RDF_TYPE_TAG:
      if (!counted_bytes(bytes)) return Rdata::malformed;
      for (const char byte : bytes) append_escaped(record_.data, byte, " \"\\;()");
      return Rdata::ok;
    case LDNS_RDF_TYPE_NSEC3_SALT:
      if (!counted_bytes(bytes)) return Rdata::malformed;
      record_.data += bytes.empty() ? "-" : to_hex(bytes);
      return Rdata::ok;
    case LDNS_RDF_TYPE_NSEC3_NEXT_OWNER:
      if (!counted_bytes(bytes)) return Rdata::malformed;
      base32(bytes);
      return Rdata::ok;
    case LDNS_RDF_TYPE_TYPE:
      if (!has(2)) return Rdata::malformed;
      append_type(record_.data, get16(take(2), 0));
      return Rdata::ok;
    default: return Rdata::unknown;
  }
}

/// The rest is `unknown`: rare, or not fit for hostile bytes in ldns, which aborts on some SVCB parameters (1.8.3) and
/// asks the services database for every bit of a WKS.
Rdata RdataReader::field(ldns_rdf_type kind) {
  switch (kind) {
    case LDNS_RDF_TYPE_DNAME: return fits(name());
    case LDNS_RDF_TYPE_INT8:
    case LDNS_RDF_TYPE_ALG:
    case LDNS_RDF_TYPE_CERTIFICATE_USAGE:
    case LDNS_RDF_TYPE_SELECTOR:
    case LDNS_RDF_TYPE_MATCHING_TYPE: return fits(number(1));
    case LDNS_RDF_TYPE_INT16:
    case LDNS_RDF_TYPE_CERT_ALG: return fits(number(2));
    case LDNS_RDF_TYPE_INT32:
    case LDNS_RDF_TYPE_PERIOD: return fits(number(4));
    case LDNS_RDF_TYPE_A: return fits(address(Family::v4));
    case LDNS_RDF_TYPE_AAAA: return fits(address(Family::v6));
    case LDNS_RDF_TYPE_TIME: return fits(time());
    case LDNS_RDF_TYPE_EUI48: return fits(groups(6, 1, '-'));
    case LDNS_RDF_TYPE_EUI64: return fits(groups(8, 1, '-'));
    case LDNS_RDF_TYPE_ILNP64: return fits(groups(4, 2, ':'));
    case LDNS_RDF_TYPE_BITMAP: return bitmap() ? Rdata::ok : Rdata::unknown;
    case LDNS_RDF_TYPE_B64:
    case LDNS_RDF_TYPE_LOC: return by_ldns(kind) ? Rdata::ok : Rdata::unknown;
    default: return plain_field(kind);
  }
}

/// RFC 3597 5.
void write_unknown(std::string_view rdata, DnsRecord& record) {
  record.data = fmt::format("\\# {}{}", rdata.size(), rdata.empty() ? "" : " ");
  record.data += to_hex(rdata);
}

/// One or more character strings (RFC 1035 3.3.14), of which a message may hold 65,000 empty ones.
RdataRead decode_strings(std::string_view rdata, DnsRecord& record, std::size_t budget) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < rdata.size(); ++count) {
    at += 1u + get8(rdata, at);
    if (at > rdata.size()) return RdataRead::malformed;
  }
  if (count == 0) return RdataRead::malformed;
  if (count * sizeof(std::string) > budget) return RdataRead::too_much;
  record.strings.reserve(count);
  record.data.reserve(rdata.size() + 2 * count);
  for (std::size_t at = 0; at < rdata.size();) {
    const std::string_view bytes = rdata.substr(at + 1, get8(rdata, at));
    record.strings.emplace_back(bytes);
    if (at > 0) record.data += ' ';
    append_quoted(record.data, bytes);
    at += 1 + bytes.size();
  }
  return RdataRead::ok;
}

}  // namespace

RdataRead decode_rdata(std::string_view message, std::size_t offset, std::size_t length, std::uint16_t type,
                       DnsRecord& record, std::size_t budget) {
  const std::string_view rdata = message.substr(offset, length);
  if (type == dns_type_txt || type == dns_type_spf) return decode_strings(rdata, record, budget);
  const ldns_rr_descriptor* row = ldns_rr_descript(type);
  Rdata read = Rdata::unknown;
  RdataReader reader(message, offset, length, record);
  if (row != nullptr && row->_type == type && row->_variable == LDNS_RDF_TYPE_NONE) {
    for (std::size_t i = 0; i < row->_maximum; ++i) {
      if (reader.at_end() && i >= row->_minimum) break;
      if (i > 0) record.data += ' ';
      read = reader.field(row->_wireformat[i]);
      if (read != Rdata::ok) break;
    }
  }
  if (read == Rdata::malformed || (read == Rdata::ok && !reader.at_end())) return RdataRead::malformed;
  if (read == Rdata::unknown) write_unknown(rdata, record);
  return RdataRead::ok;
}

}  // namespace audit::proto
