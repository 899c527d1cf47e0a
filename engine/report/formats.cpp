#include "report/csv.hpp"
#include "report/dot.hpp"
#include "report/hdf.hpp"
#include "report/html.hpp"
#include "report/json.hpp"
#include "report/jsonl.hpp"
#include "report/junit.hpp"
#include "report/markdown.hpp"
#include "report/oscal.hpp"
#include "report/prometheus.hpp"
#include "report/report.hpp"
#include "report/sarif.hpp"
#include "report/text.hpp"

namespace audit::report {

const std::vector<Format>& formats() {
  static const std::vector<Format> table{
      {"text", "for a terminal: host and service matrix, findings, summary", write_text},
      {"json", "for programs: everything, with stable names", write_json},
      {"jsonl", "for programs that read line by line: the same as json, a line each, while the run goes on",
       write_jsonl, nullptr, false, false, true},
      {"html", "for a reviewer: one self-contained page", write_html, nullptr, true, true},
      {"csv", "for a spreadsheet: a row a result, safe from formulas", write_csv},
      {"junit", "for a continuous integration server: JUnit XML, a testcase a check", write_junit},
      {"sarif", "for code scanning: SARIF 2.1.0, failures as results", write_sarif, nullptr, true},
      {"markdown", "for a merge request or a chat: verdict, counts, failures, waivers", write_markdown, nullptr, true},
      {"prometheus", "for a node exporter: counts, and by name what fails or was not seen", write_prometheus,
       inherit_prometheus},
      {"hdf", "for Heimdall: a control each check", write_hdf},
      {"dot", "for Graphviz: the map, zones, subnets, hosts and their services", write_dot},
      {"oscal", "for GRC tools: OSCAL 1.1.3 assessment results", write_oscal},
  };
  return table;
}

const Format* find_format(std::string_view name) {
  for (const Format& format : formats())
    if (format.name == name) return &format;
  return nullptr;
}

}  // namespace audit::report
