#pragma once

#include <cstdint>
#include <string>

#include "probe/context.hpp"

namespace audit::cli {

/// How the answers of `audit probe` are shown, and what they add up to.
class ProbeOutput {
 public:
  explicit ProbeOutput(bool json) : json_(json) {}

  /// One answer: a line for a person, or a JSON object on a line. `text` is used for people only.
  void answer(const std::string& target, const Observation& seen, const std::string& text);
  /// A question that could not be asked or was not answered: on standard error for a person.
  void failure(const std::string& target, const std::string& probe, const Error& error);
  /// The same of a question that has an observation with fields.
  void failure(const std::string& target, const Observation& seen, const Error& error);

  /// Of a network, closed ports and silent hosts are not worth a line: counts one that is either, and is false for others.
  bool pass_over(Reason state) noexcept;
  /// How many were, on standard error.
  void tell_passed_over() const;

  void good() noexcept { any_good_ = true; }
  void bad() noexcept { any_bad_ = true; }
  /// 64 an option is wrong; 0 every answer is the hoped-for one, 1 some is not, 2 something could not be asked or gave no answer. With
  /// `any_will_do` one good answer is enough (a sweep of a network).
  [[nodiscard]] int exit_code(bool any_will_do) const;

 private:
  std::uint64_t closed_ = 0;
  std::uint64_t silent_ = 0;
  bool json_;
  bool any_good_ = false;
  bool any_bad_ = false;
  bool any_unanswered_ = false;
  bool misused_ = false;
};

/// "1.3 ms".
[[nodiscard]] std::string format_milliseconds(Duration duration);

}  // namespace audit::cli
