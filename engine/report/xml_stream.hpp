#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "report/out_buffer.hpp"

namespace audit::report {

/// `visible` text as XML 1.0 takes it, between tags and in an attribute; its two noncharacters become \u{FFFE}, \u{FFFF}.
[[nodiscard]] std::string xml_escape(std::string_view visible);

/// An XML document that is written as it comes: elements with attributes, within them elements or text. Names are ours;
/// values are `visible` text.
class XmlStream {
 public:
  explicit XmlStream(std::ostream& out);

  void open(std::string_view name);
  /// Of the element opened last, before anything is within it.
  void attribute(std::string_view name, std::string_view visible);
  void attribute(std::string_view name, std::uint64_t number);
  void text(std::string_view visible);
  void close();
  /// An element that holds text and nothing else.
  void leaf(std::string_view name, std::string_view visible);
  /// Closes what is open; nothing may follow.
  void finish();

 private:
  void within();
  void new_line();

  OutBuffer out_;
  std::vector<std::string_view> open_;
  bool in_tag_ = false;    // the tag opened last has no > yet
  bool has_text_ = false;  // within the element opened last: a line break would be part of it
};

}  // namespace audit::report
