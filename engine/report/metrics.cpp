#include "report/metrics.hpp"

#include <fmt/format.h>

#include <cmath>
#include <ostream>

#include "report/shown.hpp"

namespace audit::report {
namespace {

/// name="value", the value escaped as the format demands: \\, \" and \n.
std::string written_label(std::string_view name, std::string_view value) {
  std::string text = fmt::format("{}=\"", name);
  for (const char c : shown(value, Metrics::longest_label)) {
    if (c == '\\' || c == '"') text += '\\';
    if (c == '\n')
      text += "\\n";
    else
      text += c;
  }
  return text + '"';
}

std::string written_value(double value) {
  constexpr double exact = 9e15;  // integers below need no exponent
  if (std::abs(value) < exact && value == std::floor(value)) return fmt::format("{}", static_cast<std::int64_t>(value));
  if (std::abs(value) >= 1e6 && std::abs(value) < exact) return fmt::format("{:.3f}", value);  // a timestamp
  return fmt::format("{}", value);
}

}  // namespace

double timestamp(std::int64_t milliseconds) { return static_cast<double>(milliseconds) / 1000.0; }

Metrics::Metrics(std::ostream& out, std::string_view inventory)
    : out_(out), inventory_(written_label("inventory", inventory)) {}

void Metrics::begin(std::string_view name, std::string_view help, std::string_view type) {
  seen_.clear();
  families_.push_back({std::string(name), fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n", name, help, type), 0});
}

std::string Metrics::line_of(std::string_view name) const { return fmt::format("{}{{{}}} ", name, inventory_); }

void Metrics::add(std::initializer_list<Label> labels, double value) {
  Family& family = families_.back();
  std::string text = inventory_;
  for (const auto& [name, of] : labels) text += ',' + written_label(name, of);
  if (seen_.size() == most_samples || !seen_.insert(text).second) {
    ++family.left_out;
    return;
  }
  out_ << family.head << family.name << '{' << text << "} " << written_value(value) << '\n';
  family.head.clear();
}

void Metrics::finish() {
  const std::vector<Family> families = families_;
  gauge("audit_series_left_out",
        "Samples of a metric that this file leaves out, because it holds no more of one metric.");
  for (const Family& family : families) add({{"metric", family.name}}, static_cast<double>(family.left_out));
  out_.flush();
}

}  // namespace audit::report
