#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/text.hpp"
#include "report/groups.hpp"
#include "report/html_sections.hpp"
#include "report/shown.hpp"
#include "report/verdict.hpp"

namespace audit::report {
namespace {

constexpr std::size_t most_runs = 60;
constexpr int width = 1000;
constexpr int left = 60;    // room for the scale
constexpr int top = 24;     // for the title of a chart
constexpr int depth = 140;  // of a chart's plane
constexpr int height = top + depth + 30;

/// One run on the way to this one, which is the last.
struct Point {
  std::string id;
  WallTime started{};
  Summary counts;
  bool complete = true;

  [[nodiscard]] std::uint64_t of(Status status) const { return counts.of(status); }
  [[nodiscard]] std::uint64_t blind() const { return of(Status::error) + of(Status::not_reviewed); }
};

Point point_of(const PastRun& run) {
  Point point{run.id, run.started, {}, true};
  point.counts.planned = run.planned;
  point.counts.checks = run.checks;
  return point;
}

std::vector<Point> points_of(const RunRecord& record) {
  std::vector<Point> points;
  for (const PastRun& run : record.past) points.push_back(point_of(run));
  if (points.size() >= most_runs)
    points.erase(points.begin(), points.end() - static_cast<std::ptrdiff_t>(most_runs - 1));
  points.push_back({record.run.id, record.run.started, record.summary, record.run.complete});
  return points;
}

/// The middle of a run's column; all have the same width, whatever lies between the runs.
double middle(std::size_t i, std::size_t count) {
  return left + (static_cast<double>(i) + 0.5) * static_cast<double>(width - left) / static_cast<double>(count);
}

Text unit(double length) { return ready(fmt::format("{:.1f}", length)); }

double at_height(double share) { return top + depth * (1.0 - std::clamp(share, 0.0, 1.0)); }

void begin_chart(Markup label, const std::string& most, Page& page) {
  page << "<svg class=\"chart\" role=\"img\" aria-label=\"" << label
       << "; the table below has the numbers\" viewBox=\"0 0 " << ready(fmt::format("{} {}", width, height))
       << "\" width=\"" << ready(fmt::format("{}", width)) << "\" height=\"" << ready(fmt::format("{}", height))
       << "\">\n<text class=\"title\" x=\"0\" y=\"14\">" << label << "</text>\n";
  for (const double share : {0.0, 0.5, 1.0})
    page << "<path class=\"grid\" d=\"M" << unit(left) << " " << unit(at_height(share)) << "H" << unit(width) << "\"/>";
  page << "<text class=\"scale\" x=\"" << unit(left - 8) << "\" y=\"" << unit(at_height(1.0) + 4) << "\">"
       << ready(most) << "</text><text class=\"scale\" x=\"" << unit(left - 8) << "\" y=\"" << unit(at_height(0.0) + 4)
       << "\">0</text>\n";
}

/// The days of the first and the last run, under the plane.
void end_chart(const std::vector<Point>& points, Page& page) {
  const int y = height - 8;
  page << "<text x=\"" << unit(left) << "\" y=\"" << unit(y) << "\">" << ready(day_of(points.front().started))
       << "</text><text class=\"scale\" x=\"" << unit(width) << "\" y=\"" << unit(y) << "\">"
       << ready(day_of(points.back().started)) << "</text>\n</svg>\n";
}

void write_scores(const std::vector<Point>& points, Page& page) {
  begin_chart("Score", "100 %", page);
  page << "<polyline class=\"score\" points=\"";
  for (std::size_t i = 0; i < points.size(); ++i)
    page << (i == 0 ? Markup("") : Markup(" ")) << unit(middle(i, points.size())) << ","
         << unit(at_height(points[i].counts.score()));
  page << "\"/>\n";
  for (std::size_t i = 0; i < points.size(); ++i) {
    page << "<circle class=\"score\" r=\"4\" cx=\"" << unit(middle(i, points.size())) << "\" cy=\""
         << unit(at_height(points[i].counts.score())) << "\"><title>" << ready(format_utc(points[i].started)) << ": "
         << ready(percent(points[i].of(Status::pass), scored(points[i].counts))) << "</title></circle>\n";
  }
  end_chart(points, page);
}

void write_bar(Markup kind, double x, double wide, double from, double to, Page& page) {
  page << "<rect class=\"" << kind << "\" x=\"" << unit(x) << "\" y=\"" << unit(at_height(to)) << "\" width=\""
       << unit(wide) << "\" height=\"" << unit(at_height(from) - at_height(to)) << "\"/>";
}

void write_failures(const std::vector<Point>& points, Page& page) {
  std::uint64_t most = 1;
  for (const Point& point : points) most = std::max(most, point.of(Status::fail) + point.blind());
  begin_chart("Checks that failed (filled) and that were not judged (outlined)", grouped(most), page);
  const double wide = std::min(40.0, 0.6 * (width - left) / static_cast<double>(points.size()));
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Point& point = points[i];
    const double fail = static_cast<double>(point.of(Status::fail)) / static_cast<double>(most);
    const double all = static_cast<double>(point.of(Status::fail) + point.blind()) / static_cast<double>(most);
    page << "<g><title>" << ready(format_utc(point.started)) << ": " << number(point.of(Status::fail)) << " failed, "
         << number(point.blind()) << " not judged</title>";
    write_bar("failed-bar", middle(i, points.size()) - wide / 2, wide, 0, fail, page);
    write_bar("blind-bar", middle(i, points.size()) - wide / 2, wide, fail, all, page);
    page << "</g>\n";
  }
  end_chart(points, page);
}

void write_row(const Point& point, bool now, Page& page) {
  page << "<tr><th scope=\"row\"><code>" << text(point.id, 80) << "</code>";
  if (now) page << " this run";
  if (!point.complete) page << ", not complete";
  page << "</th><td>" << ready(day_of(point.started)) << "</td><td class=\"n\">"
       << ready(percent(point.of(Status::pass), scored(point.counts))) << "</td><td class=\"n\">"
       << number(point.counts.planned) << "</td>";
  for (const Status status : {Status::pass, Status::fail, Status::error, Status::not_reviewed})
    page << "<td class=\"n\">" << number(point.of(status)) << "</td>";
  page << "</tr>\n";
}

/// The latest first, as a reader asks.
void write_numbers(const std::vector<Point>& points, Page& page) {
  page << "<div class=\"scroll\" role=\"region\" aria-label=\"Past runs\" tabindex=\"0\"><table class=\"stack "
          "trend\">\n<thead><tr><th scope=\"col\">Run</th><th scope=\"col\">Started</th>"
       << "<th scope=\"col\" class=\"n\">Score</th><th scope=\"col\" class=\"n\">Planned</th><th scope=\"col\" "
          "class=\"n\">Pass</th><th scope=\"col\" class=\"n\">Fail</th>"
       << "<th scope=\"col\" class=\"n\">Error</th><th scope=\"col\" class=\"n\">Not "
          "reviewed</th></tr></thead>\n<tbody>\n";
  for (std::size_t i = points.size(); i > 0; --i) write_row(points[i - 1], i == points.size(), page);
  page << "</tbody></table></div>\n";
}

}  // namespace

void write_trend(const RunRecord& record, Page& page) {
  page << "<section id=\"trend\">\n<h2>Trend</h2>\n";
  if (record.past.empty()) {
    page << "<p>No earlier complete run of the same scope is known, so there is no trend yet.</p>\n</section>\n";
    return;
  }
  const std::vector<Point> points = points_of(record);
  page << "<p>Complete runs of the same scope, the last of which is this one; equal steps, whatever the time between "
          "them.</p>\n<div class=\"scroll\" role=\"region\" aria-label=\"Trend, drawn\" tabindex=\"0\">\n";
  write_scores(points, page);
  write_failures(points, page);
  page << "</div>\n";
  write_numbers(points, page);
  if (points.size() <= record.past.size())
    page << "<p class=\"cut\">… and " << number(record.past.size() + 1 - points.size())
         << " earlier runs: <code>audit history</code> has them.</p>\n";
  page << "</section>\n";
}

}  // namespace audit::report
