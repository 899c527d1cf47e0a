#pragma once

#include "store/entry.hpp"
#include "store/record_fields.hpp"

namespace audit::store {

// Members that entries and parts share.

template <class Archive>
void put_evidence(Archive& archive, Of<Archive, Evidence>& evidence) {
  put(archive, evidence.label);
  put(archive, evidence.observation);
  put(archive, evidence.note);
}

template <class Archive>
void put_finding(Archive& archive, Of<Archive, Finding>& finding) {
  put(archive, finding.endpoint);
  put(archive, finding.key);
  put_status(archive, finding.status);
  put_reason(archive, finding.reason);
  put_severity(archive, finding.severity);
  put(archive, finding.message);
  put_each(archive, finding.evidence, [](auto& to, auto& item) { put_evidence(to, item); });
  put(archive, finding.waiver);
}

/// Without the names of rule and target, which the entry knows.
template <class Archive>
void put_check(Archive& archive, Of<Archive, Check>& check) {
  put(archive, check.rule_ordinal);
  put_each(archive, check.results, [](auto& to, auto& finding) { put_finding(to, finding); });
  put(archive, check.observations_dropped);
}

template <class Archive>
void put_addresses(Archive& archive, Of<Archive, std::vector<IpAddress>>& addresses) {
  put_each(archive, addresses, [](auto& to, auto& address) { put(to, address); });
}

template <class Archive>
void put_item(Archive& archive, Of<Archive, CollectedEntry::Item>& item) {
  put(archive, item.label);
  put(archive, item.number);
  put(archive, item.value);
  put(archive, item.observation);
}

template <class Archive>
void put_error(Archive& archive, Of<Archive, std::optional<Error>>& error) {
  put_optional(archive, error, [](auto& to, auto& one) {
    put_reason(to, one.reason);
    put(to, one.message);
  });
}

template <class Archive>
void put_collected(Archive& archive, Of<Archive, CollectedEntry>& collected) {
  put(archive, collected.rule);
  put(archive, collected.address);
  put(archive, collected.addresses);
  put(archive, collected.urls);
  put(archive, collected.params);
  put_each(archive, collected.items, [](auto& to, auto& item) { put_item(to, item); });
  put(archive, collected.table);
  put(archive, collected.witness);
  put(archive, collected.bytes);
  put_error(archive, collected.missing);
}

}  // namespace audit::store
