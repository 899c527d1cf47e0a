#include "report/csv.hpp"

#include <fmt/format.h>

#include <unordered_map>

#include "base/fingerprint.hpp"
#include "report/evidence.hpp"
#include "report/out_buffer.hpp"
#include "report/shown.hpp"

namespace audit::report {
namespace {

constexpr std::size_t longest_cell = 8'000;  // bytes, four characters each at most: a spreadsheet's cell has 32,767
constexpr std::size_t longest_evidence = 300;

/// Does a formula begin here, as a spreadsheet of any language sees it? Blanks and quotation marks may stand before it.
bool begins_formula(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \""), text.size()));
  for (const std::string_view sign : {"=", "+", "-", "@", "＝", "＋", "－", "＠"})
    if (text.starts_with(sign)) return true;
  return false;
}

class Rows {
 public:
  explicit Rows(std::ostream& out) : out_(out) {}

  void text(std::string_view bytes) { ready(shown(bytes, longest_cell)); }
  void list(const std::vector<std::string>& items) {
    std::string all;
    for (const std::string& item : items) all += (all.empty() ? "" : " ") + item;
    text(all);
  }
  void ready(std::string visible) {
    const std::string safe = formula_safe(std::move(visible));
    const bool quoted = safe.find_first_of(",;\"") != std::string::npos || safe.starts_with(' ') || safe.ends_with(' ');
    word(quoted ? in_quotes(safe) : safe);
  }
  /// One of our own, or a number.
  void word(std::string_view word) {
    if (!first_) out_.put(',');
    first_ = false;
    out_.append(word);
  }
  void end_row() {
    out_.append("\r\n");
    first_ = true;
  }
  void flush() { out_.flush(); }

 private:
  static std::string in_quotes(std::string_view text) {
    std::string quoted = "\"";
    for (const char c : text) quoted.append(c == '"' ? 2 : 1, c);
    return quoted + '"';
  }

  OutBuffer out_;
  bool first_ = true;
};

class Table {
 public:
  Table(const RunRecord& record, std::ostream& out) : rows_(out) {
    for (const RuleRecord& rule : record.rules) rules_.emplace(rule.id, &rule);
    for (const TargetRecord& target : record.targets) targets_.emplace(target.id, &target);
  }

  void write(const CheckList& checks) {
    for (const std::string_view name :
         {"check", "rule", "title", "target", "endpoint", "key", "check_status", "status", "reason", "severity",
          "waiver", "message", "evidence", "owner", "groups", "criticality", "fingerprint"})
      rows_.word(name);
    rows_.end_row();
    std::uint64_t number = 0;
    for (const Check& check : checks) {
      ++number;
      for (const Finding& result : check.results) write(number, check, result);
    }
    rows_.flush();
  }

 private:
  void write(std::uint64_t number, const Check& check, const Finding& result) {
    const auto rule = rules_.find(check.rule);
    const auto target = targets_.find(check.target);
    const Evidence* telling = most_telling(result);
    rows_.word(fmt::format_int(number).c_str());
    rows_.text(check.rule);
    rows_.text(rule == rules_.end() ? std::string_view() : rule->second->title);
    rows_.text(check.target);
    rows_.text(result.endpoint);
    rows_.text(result.key);
    rows_.word(name_of(check.status()));
    rows_.word(name_of(result.status));
    rows_.word(name_of(result.reason));
    rows_.word(name_of(result.severity));
    rows_.text(result.waiver);
    rows_.text(result.message);
    rows_.ready(telling == nullptr ? std::string() : line_of(*telling, longest_evidence));
    write(target == targets_.end() ? TargetRecord() : *target->second);
    rows_.word(fingerprint_of(check, result));
    rows_.end_row();
  }
  void write(const TargetRecord& target) {
    rows_.text(target.owner);
    rows_.list(target.groups);
    rows_.text(target.criticality);
  }

  Rows rows_;
  std::unordered_map<std::string_view, const RuleRecord*> rules_;
  std::unordered_map<std::string_view, const TargetRecord*> targets_;
};

}  // namespace

std::string formula_safe(std::string visible) {
  for (std::size_t at = visible.find(';'); at != std::string::npos; at = visible.find(';', at + 1))
    if (begins_formula(std::string_view(visible).substr(at + 1))) visible.replace(at, 1, "\\x3b");
  if (visible.starts_with('\'') || begins_formula(visible)) visible.insert(visible.begin(), '\'');
  return visible;
}

void write_csv(const RunRecord& record, const Style&, std::ostream& out) { Table(record, out).write(record.checks); }

}  // namespace audit::report
