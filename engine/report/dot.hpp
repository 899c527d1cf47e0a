#pragma once

#include <iosfwd>

#include "report/report.hpp"

namespace audit::report {

/// The map for Graphviz: zones and subnets as clusters, in them the hosts with their open services. Where there are more
/// hosts than a page shows, a node is a subnet, and the graph says so. Counts are attributes of graph and nodes.
void write_dot(const RunRecord& record, const Style& style, std::ostream& out);

}  // namespace audit::report
