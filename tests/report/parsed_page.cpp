#include "parsed_page.hpp"

#include <catch2/catch.hpp>

#include "written.hpp"

namespace audit::report {

ParsedPage::ParsedPage(const RunRecord& record) : bytes(written("html", record)) {
  const auto parse = document.load_string(bytes.c_str(), pugi::parse_full | pugi::parse_ws_pcdata);
  INFO(parse.description() << " at " << bytes.substr(static_cast<std::size_t>(parse.offset), 80));
  REQUIRE(parse);
}

std::string ParsedPage::words(std::string_view section) const {
  const std::string path = "//section[@id='" + std::string(section) + "']//text()";
  std::string all;
  for (const auto& node : document.select_nodes(path.c_str())) all += node.node().value();
  return all;
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace audit::report
