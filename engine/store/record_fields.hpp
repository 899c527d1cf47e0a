#pragma once

#include "store/archive.hpp"

namespace audit::store {

// Members of the result model that entries and heads of runs share; each is named once, for both ways. Whoever changes
// what is written raises `schema_version`.

void put(Writer& out, const Value& value);
void put(Reader& in, Value& value);
void put(Writer& out, const Observation& observation);
void put(Reader& in, Observation& observation);
/// One that several results of an entry share is written once, and shared again once it is read.
void put(Writer& out, const ObservationPtr& observation);
void put(Reader& in, ObservationPtr& observation);

template <class Archive>
void put_reason(Archive& archive, Of<Archive, Reason>& reason) {
  put_one_of(archive, reason, reason_count);
}

template <class Archive>
void put_status(Archive& archive, Of<Archive, Status>& status) {
  put_one_of(archive, status, status_count);
}

template <class Archive>
void put_severity(Archive& archive, Of<Archive, Severity>& severity) {
  put_one_of(archive, severity, severity_count);
}

inline void put(Writer& out, const IpAddress& address) {
  out.number(address.family == Family::v4 ? 0 : 1);
  out.number(address.zone);
  const std::size_t width = address.width() / 8;
  for (std::size_t i = 0; i < width; ++i) out.number(address.bytes.at(i));
}
inline void put(Reader& in, IpAddress& address) {
  address = {};
  put_one_of(in, address.family, 2);
  put(in, address.zone);
  const std::size_t width = address.width() / 8;
  for (std::size_t i = 0; i < width; ++i) put(in, address.bytes.at(i));
}

template <class Archive>
void put_endpoint(Archive& archive, Of<Archive, Endpoint>& endpoint) {
  put(archive, endpoint.address);
  put(archive, endpoint.port);
  put_one_of(archive, endpoint.transport, 2);
}

}  // namespace audit::store
