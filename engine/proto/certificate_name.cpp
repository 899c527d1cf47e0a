#include <fmt/format.h>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "proto/certificate_parts.hpp"

namespace audit::proto {
namespace {

void free_bytes(unsigned char* bytes) { OPENSSL_free(bytes); }
using Bytes = std::unique_ptr<unsigned char, OpensslFree<free_bytes>>;

/// The text of an attribute in UTF-8, or as UTF-8 as its bytes are; nothing where its type is no string of characters.
std::optional<std::string> text_of(const ASN1_STRING* value) {
  if (ASN1_STRING_type(value) == V_ASN1_UTF8STRING) return std::string(bytes_of(value));
  unsigned char* raw = nullptr;
  const int length = ASN1_STRING_to_UTF8(&raw, value);
  if (length < 0) return std::nullopt;
  const Bytes owned(raw);
  return std::string(reinterpret_cast<const char*>(raw), static_cast<std::size_t>(length));
}

std::string hex_of_der(const ASN1_STRING* value) {
  ASN1_TYPE type{};
  type.type = ASN1_STRING_type(value);
  if (type.type == V_ASN1_NEG_INTEGER) type.type = V_ASN1_INTEGER;
  if (type.type == V_ASN1_NEG_ENUMERATED) type.type = V_ASN1_ENUMERATED;
  type.value.asn1_string = const_cast<ASN1_STRING*>(value);  // i2d only reads
  const std::string der = encoded(type);
  return "#" + to_hex(der.empty() ? bytes_of(value) : der);
}

/// RFC 4514 2.4: specials behind a backslash, everything that cannot be printed as \XX.
std::string escaped(std::string_view text) {
  constexpr std::string_view specials = "\"+,;<>\\";
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = decode_utf8(text.substr(at));
    const std::size_t length = point.length == 0 ? 1 : point.length;
    const std::string_view character = text.substr(at, length);
    const bool edge_space = character == " " && (at == 0 || at + 1 == text.size());
    if (point.length == 0 || !is_printable(point.code)) {
      for (const char byte : character) out += fmt::format("\\{:02X}", static_cast<unsigned char>(byte));
    } else {
      if (edge_space || (character == "#" && at == 0) || specials.find(character) != std::string_view::npos)
        out += '\\';
      out += character;
    }
    at += length;
  }
  return out;
}

std::string attribute(const X509_NAME_ENTRY* entry) {
  const ASN1_OBJECT* object = X509_NAME_ENTRY_get_object(entry);
  const ASN1_STRING* value = X509_NAME_ENTRY_get_data(entry);
  const bool known = OBJ_obj2nid(object) != NID_undef;
  const std::optional<std::string> text = known ? text_of(value) : std::nullopt;
  return fmt::format("{}={}", name_of_object(object), text ? escaped(*text) : hex_of_der(value));
}

}  // namespace

std::string_view bytes_of(const ASN1_STRING* string) noexcept {
  const int length = ASN1_STRING_length(string);
  if (length <= 0) return {};
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)), static_cast<std::size_t>(length)};
}

std::string encoded(const ASN1_TYPE& value) {
  unsigned char* raw = nullptr;
  const int length = i2d_ASN1_TYPE(&value, &raw);
  if (length <= 0) return {};
  const Bytes owned(raw);
  return {reinterpret_cast<const char*>(raw), static_cast<std::size_t>(length)};
}

std::string dotted(const ASN1_OBJECT* object) {
  const int length = OBJ_obj2txt(nullptr, 0, object, 1);
  if (length <= 0) return "malformed OID";
  std::string text(static_cast<std::size_t>(length) + 1, '\0');
  OBJ_obj2txt(text.data(), static_cast<int>(text.size()), object, 1);
  text.pop_back();
  return text;
}

std::string name_of_object(const ASN1_OBJECT* object) {
  const int nid = OBJ_obj2nid(object);
  return nid == NID_undef ? dotted(object) : std::string(OBJ_nid2sn(nid));
}

std::string distinguished_name(const X509_NAME* name) {
  std::string text;
  int set = -1;
  for (int i = X509_NAME_entry_count(name) - 1; i >= 0; --i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, i);
    if (!text.empty()) text += X509_NAME_ENTRY_set(entry) == set ? '+' : ',';
    set = X509_NAME_ENTRY_set(entry);
    text += attribute(entry);
  }
  return text;
}

std::vector<std::string> common_names(const X509_NAME* name) {
  std::vector<std::string> names;
  for (int at = -1; (at = X509_NAME_get_index_by_NID(name, NID_commonName, at)) >= 0;) {
    const ASN1_STRING* value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
    const std::optional<std::string> text = text_of(value);
    names.push_back(text ? visible(*text) : hex_of_der(value));
  }
  return names;
}

}  // namespace audit::proto
