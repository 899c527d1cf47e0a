#include "proto/dns_chain.hpp"

#include <algorithm>
#include <cstdint>

#include "proto/ascii.hpp"

namespace audit::proto {
namespace {

constexpr std::size_t most_dnames = 16;  // names with one; a chain of more is nobody's

bool is_below(std::string_view name, std::string_view ancestor) {
  if (ancestor == ".") return true;
  return name.size() > ancestor.size() && same_text(name.substr(name.size() - ancestor.size()), ancestor) &&
         name[name.size() - ancestor.size() - 1] == '.';
}

/// Records by a name of theirs, without case. They are told by their number: a message of many has no room for more.
class ByName {
 public:
  struct Key {
    std::uint32_t hash;  // thousands of long names may differ in their last bytes only
    std::uint16_t record;
  };
  using Field = std::string DnsRecord::*;

  ByName(const std::vector<DnsRecord>& records, Field field) : records_(records), field_(field) {}

  void reserve(std::size_t count) { keys_.reserve(count); }
  void add(std::uint16_t record) { keys_.push_back({hash_of(records_[record].*field_), record}); }
  void sort() {
    std::sort(keys_.begin(), keys_.end(), [&](const Key& a, const Key& b) { return before(a, name(b), b.hash); });
  }
  /// The first of the name; those behind it may have it too.
  [[nodiscard]] std::vector<Key>::const_iterator find(std::string_view name) const {
    const auto less = [&](const Key& key, std::uint32_t hash) { return before(key, name, hash); };
    const auto found = std::lower_bound(keys_.begin(), keys_.end(), hash_of(name), less);
    return has(found, name) ? found : keys_.end();
  }
  [[nodiscard]] bool has(std::vector<Key>::const_iterator at, std::string_view name) const {
    return at != keys_.end() && same_text(this->name(*at), name);
  }
  [[nodiscard]] std::size_t size() const { return keys_.size(); }
  [[nodiscard]] std::uint16_t operator[](std::size_t at) const { return keys_[at].record; }
  [[nodiscard]] std::vector<Key>::const_iterator end() const { return keys_.end(); }

 private:
  [[nodiscard]] std::string_view name(const Key& key) const { return records_[key.record].*field_; }
  [[nodiscard]] bool before(const Key& key, std::string_view other, std::uint32_t hash) const {
    if (key.hash != hash) return key.hash < hash;
    const std::string_view own = name(key);
    return std::lexicographical_compare(own.begin(), own.end(), other.begin(), other.end(),
                                        [](char x, char y) { return lower(x) < lower(y); });
  }
  static std::uint32_t hash_of(std::string_view name) {  // FNV-1a
    std::uint32_t hash = 2'166'136'261U;
    for (const char c : name) hash = (hash ^ static_cast<unsigned char>(lower(c))) * 16'777'619U;
    return hash;
  }

  const std::vector<DnsRecord>& records_;
  Field field_;
  std::vector<Key> keys_;
};

/// A name and what aliases make of it.
class Chain {
 public:
  Chain(const std::vector<DnsRecord>& answers, std::string_view name)
      : answers_(answers), name_(name), targets_(answers, &DnsRecord::data) {
    ByName owners(answers, &DnsRecord::name);
    const auto aliases = std::count_if(answers.begin(), answers.end(), is_alias);
    owners.reserve(static_cast<std::size_t>(aliases));
    targets_.reserve(static_cast<std::size_t>(aliases));
    for (std::size_t i = 0; i < answers.size(); ++i)
      if (is_alias(answers[i])) owners.add(static_cast<std::uint16_t>(i));
    owners.sort();
    std::vector<bool> known(answers.size());
    const auto follow = [&](std::string_view from) {
      auto alias = owners.find(from);
      if (alias == owners.end() || known[alias->record]) return;
      for (; owners.has(alias, from); ++alias) {
        known[alias->record] = true;
        targets_.add(alias->record);
      }
    };
    follow(name);
    for (std::size_t next = 0; next < targets_.size(); ++next) follow(target(targets_[next]));
    targets_.sort();
  }

  [[nodiscard]] bool has(std::string_view name) const {
    return same_text(name, name_) || targets_.find(name) != targets_.end();
  }

  [[nodiscard]] bool has_below(std::string_view ancestor) const {
    if (is_below(name_, ancestor)) return true;
    for (std::size_t i = 0; i < targets_.size(); ++i)
      if (is_below(target(targets_[i]), ancestor)) return true;
    return false;
  }

 private:
  static bool is_alias(const DnsRecord& record) { return record.type == "CNAME"; }
  [[nodiscard]] std::string_view target(std::uint16_t alias) const { return answers_[alias].data; }

  const std::vector<DnsRecord>& answers_;
  std::string_view name_;
  ByName targets_;
};

}  // namespace

const DnsRecord* stray_record(const std::vector<DnsRecord>& answers, std::string_view name) {
  const Chain chain(answers, name);
  std::vector<std::string_view> above;
  const auto is_above = [&](std::string_view owner) {
    return std::any_of(above.begin(), above.end(), [&](std::string_view other) { return same_text(owner, other); });
  };
  for (const DnsRecord& record : answers) {
    if (record.type != "DNAME" || chain.has(record.name) || is_above(record.name)) continue;
    if (above.size() == most_dnames || !chain.has_below(record.name)) return &record;
    above.push_back(record.name);
  }
  for (const DnsRecord& record : answers)
    if (!chain.has(record.name) && !is_above(record.name)) return &record;
  return nullptr;
}

}  // namespace audit::proto
