#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace audit {

/// A catalogue of controls, as far as rules speak to it: "NIST-800-53", and of each control the rules that do.
struct Framework {
  struct Control {
    std::string id;  // "CM-7"
    std::string title;
    std::vector<std::string> rules;  // ids, sorted
  };
  std::string id;
  std::string title;
  std::string version;
  std::string url;
  std::string file;  // that says so
  std::vector<Control> controls;
};

/// The frameworks of a run. That a rule passes does not say that a control is met: it is one thing that speaks for it.
struct Controls {
  std::vector<Framework> frameworks;  // by id

  /// By framework, the ids of its controls that a rule speaks to.
  [[nodiscard]] std::map<std::string, std::vector<std::string>> of(std::string_view rule) const;
  /// Does a rule speak to "FRAMEWORK/CONTROL", or to any control of "FRAMEWORK"? Both may be globs.
  [[nodiscard]] bool matches(std::string_view wanted, std::string_view rule) const;
};

}  // namespace audit
