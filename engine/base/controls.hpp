#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace audit {

/// How far a rule bears on a control: it speaks for some of it, or passing everywhere would show that it is met.
enum class Support : std::uint8_t { partial, full };

[[nodiscard]] std::string_view name_of(Support support) noexcept;
[[nodiscard]] std::optional<Support> parse_support(std::string_view name) noexcept;

/// A catalogue of controls: "NIST-800-53", and of each control the rules that bear on it; there may be none.
struct Framework {
  struct Mapping {
    std::string rule;  // its id
    Support supports = Support::partial;
    std::string why;
  };
  struct Control {
    std::string id;  // "CM-7"
    std::string title;
    std::vector<Mapping> rules;  // by id of the rule, each once
    [[nodiscard]] const Mapping* mapping_of(std::string_view rule) const;
  };
  std::string id;
  std::string title;
  std::string version;
  std::string url;
  std::string note;               // what a reader has to know of it: whose words the titles are
  std::string file;               // that says so
  std::vector<Control> controls;  // as `control_before` has them
};

/// The order in which a catalogue prints its ids: AC-2 before AC-17, and AC-17 before AC-17(2).
[[nodiscard]] bool control_before(std::string_view one, std::string_view other) noexcept;

/// The frameworks of a run. That a rule passes does not say that a control is met: it is one thing that speaks for it.
struct Controls {
  std::vector<Framework> frameworks;  // by id

  /// By framework, the ids of its controls that a rule bears on.
  [[nodiscard]] std::map<std::string, std::vector<std::string>> of(std::string_view rule) const;
  /// Does a rule bear on "FRAMEWORK/CONTROL", or to any control of "FRAMEWORK"? Both may be globs.
  [[nodiscard]] bool matches(std::string_view wanted, std::string_view rule) const;
};

}  // namespace audit
