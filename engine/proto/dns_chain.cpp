#include "proto/dns_chain.hpp"

#include <algorithm>
#include <cstdint>

#include "proto/ascii.hpp"

namespace audit::proto {
namespace {

constexpr std::size_t most_dnames = 16;  // a chain of more is nobody's

bool before(std::string_view a, std::string_view b) {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                      [](char x, char y) { return lower(x) < lower(y); });
}

bool is_below(std::string_view name, std::string_view ancestor) {
  if (ancestor == ".") return true;
  return name.size() > ancestor.size() && same_text(name.substr(name.size() - ancestor.size()), ancestor) &&
         name[name.size() - ancestor.size() - 1] == '.';
}

/// A name and what aliases make of it. Records are told by their number: a message of many has no room for more.
class Chain {
 public:
  Chain(const std::vector<DnsRecord>& answers, std::string_view name) : answers_(answers), name_(name) {
    std::vector<std::uint16_t> aliases;
    aliases.reserve(answers.size());
    for (std::size_t i = 0; i < answers.size(); ++i)
      if (answers[i].type == "CNAME") aliases.push_back(static_cast<std::uint16_t>(i));
    const auto owner = [&](std::uint16_t alias) { return std::string_view(answers[alias].name); };
    std::sort(aliases.begin(), aliases.end(), [&](auto x, auto y) { return before(owner(x), owner(y)); });
    followed_.reserve(aliases.size());
    std::vector<bool> known(answers.size());
    const auto follow = [&](std::string_view from) {
      auto alias = std::lower_bound(aliases.begin(), aliases.end(), from,
                                    [&](auto one, std::string_view wanted) { return before(owner(one), wanted); });
      if (alias == aliases.end() || known[*alias]) return;
      for (; alias != aliases.end() && same_text(owner(*alias), from); ++alias) {
        known[*alias] = true;
        followed_.push_back(*alias);
      }
    };
    follow(name);
    for (std::size_t next = 0; next < followed_.size(); ++next) follow(target(followed_[next]));
    std::sort(followed_.begin(), followed_.end(), [&](auto x, auto y) { return before(target(x), target(y)); });
  }

  [[nodiscard]] bool has(std::string_view name) const {
    const auto found = std::lower_bound(followed_.begin(), followed_.end(), name,
                                        [&](auto one, std::string_view wanted) { return before(target(one), wanted); });
    return same_text(name, name_) || (found != followed_.end() && same_text(target(*found), name));
  }

  [[nodiscard]] bool has_below(std::string_view ancestor) const {
    return is_below(name_, ancestor) ||
           std::any_of(followed_.begin(), followed_.end(), [&](auto one) { return is_below(target(one), ancestor); });
  }

 private:
  [[nodiscard]] std::string_view target(std::uint16_t alias) const { return answers_[alias].data; }

  const std::vector<DnsRecord>& answers_;
  std::string_view name_;
  std::vector<std::uint16_t> followed_;
};

}  // namespace

const DnsRecord* stray_record(const std::vector<DnsRecord>& answers, std::string_view name) {
  const Chain chain(answers, name);
  std::vector<std::string_view> above;
  for (const DnsRecord& record : answers)
    if (record.type == "DNAME" && above.size() < most_dnames && chain.has_below(record.name))
      above.push_back(record.name);
  for (const DnsRecord& record : answers) {
    const auto same = [&](std::string_view other) { return same_text(other, record.name); };
    if (!chain.has(record.name) && std::none_of(above.begin(), above.end(), same)) return &record;
  }
  return nullptr;
}

}  // namespace audit::proto
