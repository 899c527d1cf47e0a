#pragma once

#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace audit::report {

/// Metrics in Prometheus' text format (version 0.0.4), one family after the other, each sample labelled with the
/// inventory: a node exporter refuses all its files where two of them hold one sample. Hostile bytes in labels are made
/// visible and cut; of one family the first `most_samples` different ones are written, the rest is counted.
class Metrics {
 public:
  using Label = std::pair<std::string_view, std::string_view>;
  static constexpr std::size_t most_samples = 10'000;
  static constexpr std::size_t longest_label = 300;  // bytes, before they are made visible

  Metrics(std::ostream& out, std::string_view inventory);

  void gauge(std::string_view name, std::string_view help) { begin(name, help, "gauge"); }
  void counter(std::string_view name, std::string_view help) { begin(name, help, "counter"); }
  /// A sample of the family begun last.
  void add(std::initializer_list<Label> labels, double value);
  /// Samples of the family begun last that the writer itself leaves out.
  void leave_out(std::uint64_t samples) { families_.back().left_out += samples; }
  /// `audit_series_left_out`, of each family; nothing may follow.
  void finish();

  /// How the line of a sample begins that has no label of its own, as `add` writes it.
  [[nodiscard]] std::string line_of(std::string_view name) const;

 private:
  struct Family {
    std::string name;
    std::string head;  // HELP and TYPE, not written yet
    std::uint64_t left_out = 0;
  };
  void begin(std::string_view name, std::string_view help, std::string_view type);

  std::ostream& out_;
  std::string inventory_;  // the label, written out
  std::vector<Family> families_;
  std::set<std::string> seen_;  // of the family begun last
};

/// Seconds since 1970, to the millisecond, as timestamps are exported.
[[nodiscard]] double timestamp(std::int64_t milliseconds);

}  // namespace audit::report
