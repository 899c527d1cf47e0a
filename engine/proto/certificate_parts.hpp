#pragma once

#include <openssl/x509v3.h>

#include "proto/certificate.hpp"
#include "proto/openssl_ptr.hpp"

namespace audit::proto {

// The halves of parse_certificate, for its own files only.

/// The bytes of a string of ASN.1, NULs included.
[[nodiscard]] std::string_view bytes_of(const ASN1_STRING* string) noexcept;
/// The short name that OpenSSL knows, else the OID in dots.
[[nodiscard]] std::string name_of_object(const ASN1_OBJECT* object);
/// The OID in dots.
[[nodiscard]] std::string dotted(const ASN1_OBJECT* object);

/// The DER of any value; "" where it has none.
[[nodiscard]] std::string encoded(const ASN1_TYPE& value);

/// A name as RFC 4514 writes it, safe to print.
[[nodiscard]] std::string distinguished_name(const X509_NAME* name);
[[nodiscard]] std::vector<std::string> common_names(const X509_NAME* name);

void read_key(X509* x509, Certificate& certificate);
void read_extensions(const X509* x509, Certificate& certificate);

}  // namespace audit::proto
