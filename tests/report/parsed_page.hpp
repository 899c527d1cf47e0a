#pragma once

#include <pugixml.hpp>

#include <string>
#include <string_view>

#include "base/run_record.hpp"

namespace audit::report {

/// The page of a record, as well-formed XML; the test fails where it is none.
struct ParsedPage {
  explicit ParsedPage(const RunRecord& record);
  /// Of an XPath: how many nodes, and the text of the first.
  [[nodiscard]] std::size_t count(const char* path) const { return document.select_nodes(path).size(); }
  [[nodiscard]] std::string text(const char* path) const { return document.select_node(path).node().text().get(); }
  /// All that a section says, without its markup.
  [[nodiscard]] std::string words(std::string_view section) const;

  std::string bytes;
  pugi::xml_document document;
};

[[nodiscard]] bool has(const std::string& text, std::string_view part);

}  // namespace audit::report
