#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ostream>

#include "base/text.hpp"
#include "report/layout.hpp"
#include "report/matrix.hpp"
#include "report/text_sections.hpp"

namespace audit::report {
namespace {

constexpr std::size_t most_rows = 40;
constexpr std::size_t widest_host = 40;
constexpr std::size_t widest_service = 12;
constexpr std::size_t gap = 2;

struct Line {
  std::string host;
  std::string note;  // why nothing is known of the host, in place of cells
  std::vector<Cell> cells;
};

std::string note_of(const TargetRecord& target) {
  switch (target.life) {
    case TargetLife::alive: return {};
    case TargetLife::silent: return "no sign of life";
    case TargetLife::unresolved: return "no address to ask";
    case TargetLife::unknown: return "not known to live";
  }
  return {};
}

Ink ink_of(Cell cell) {
  switch (cell) {
    case Cell::open: return Ink::strong;
    case Cell::unknown: return Ink::warn;
    default: return Ink::faint;
  }
}

class Table {
 public:
  Table(const RunRecord& record, const Style& style)
      : style_(style), columns_(columns_of(record)), hosts_(hosts_of(record, most_rows)) {
    for (std::size_t i = 0; i < std::min(hosts_.size(), most_rows); ++i) add_line(hosts_[i]);
    for (const Line& line : lines_) host_width_ = std::max(host_width_, columns(line.host));
    host_width_ = std::min({host_width_, widest_host, std::max<std::size_t>(style.width / 2, 12)});
    fit();
  }

  void write(std::ostream& out) const {
    write_row(out, "", [](const Column& column) { return column.title(); });
    write_row(out, "", [](const Column& column) { return clip(visible(column.service), widest_service); });
    for (const Line& line : lines_) write_line(out, line);
    if (hosts_.size() > lines_.size()) write_rest(out);
    if (shown_.size() < columns_.size()) write_left_out(out);
    write_legend(out);
  }

 private:
  void add_line(const Host& host) {
    Line line{host.label(), note_of(*host.target), cells_of(host, columns_)};
    const bool known = std::any_of(line.cells.begin(), line.cells.end(), [](Cell cell) {
      return cell == Cell::open || cell == Cell::closed || cell == Cell::filtered;
    });
    if (known) line.note.clear();
    lines_.push_back(std::move(line));
  }

  /// Chooses the worthiest columns that fit beside the hosts.
  void fit() {
    std::size_t left = std::max(style_.width, host_width_) - host_width_;
    for (const std::size_t i : by_worth(columns_)) {
      const std::size_t width = width_of(i);
      if (gap + width > left) break;
      left -= gap + width;
      shown_.push_back(i);
    }
    std::sort(shown_.begin(), shown_.end());
  }

  [[nodiscard]] std::size_t width_of(std::size_t column) const {
    const std::string service = clip(visible(columns_[column].service), widest_service);
    std::size_t width = std::max(columns_[column].title().size(), columns(service));
    for (const Line& line : lines_)
      if (line.note.empty()) width = std::max(width, columns(word_of(line.cells[column])));
    return width;
  }

  template <class Word>
  void write_row(std::ostream& out, std::string_view host, Word word) const {
    std::string row = pad(host, host_width_);
    for (const std::size_t i : shown_) row += std::string(gap, ' ') + pad(word(columns_[i]), width_of(i));
    row.erase(row.find_last_not_of(' ') + 1);
    if (!row.empty()) out << paint(style_, Ink::faint, row) << '\n';
  }

  void write_line(std::ostream& out, const Line& line) const {
    out << pad(clip(line.host, host_width_), host_width_);
    if (!line.note.empty()) {
      out << "  " << paint(style_, Ink::warn, line.note) << '\n';
      return;
    }
    std::size_t blanks = 0;
    for (const std::size_t i : shown_) {
      const std::string_view word = word_of(line.cells[i]);
      out << std::string(blanks + gap, ' ') << paint(style_, ink_of(line.cells[i]), word);
      blanks = width_of(i) - columns(word);
    }
    out << '\n';
  }

  void write_rest(std::ostream& out) const {
    std::uint64_t failing = 0;
    std::uint64_t open = 0;
    for (std::size_t i = lines_.size(); i < hosts_.size(); ++i) {
      const auto& ports = hosts_[i].target->ports;
      failing += hosts_[i].standing.failures > 0 ? 1 : 0;
      open +=
          std::any_of(ports.begin(), ports.end(), [](const auto& port) { return port.state == Reason::open; }) ? 1 : 0;
    }
    paragraph(out, style_, "… ",
              fmt::format("{} in the full report: {} with failures, {} with open ports",
                          counted(hosts_.size() - lines_.size(), "more host"), failing, open));
  }

  void write_left_out(std::ostream& out) const {
    std::uint64_t open = 0;
    for (std::size_t i = 0; i < columns_.size(); ++i)
      open += columns_[i].open > 0 && !std::binary_search(shown_.begin(), shown_.end(), i) ? 1 : 0;
    paragraph(out, style_, "… ",
              fmt::format("{} in the full report, {} of them open somewhere",
                          counted(columns_.size() - shown_.size(), "more port"), open));
  }

  void write_legend(std::ostream& out) const {
    std::array<bool, 6> used{};
    for (const Line& line : lines_)
      if (line.note.empty())
        for (const std::size_t i : shown_) used[static_cast<std::size_t>(line.cells[i])] = true;
    std::string legend;
    const auto add = [&](Cell cell, std::string_view meaning) {
      if (!used[static_cast<std::size_t>(cell)]) return;
      legend += fmt::format("{}{} {}", legend.empty() ? "" : ";  ", word_of(cell), meaning);
    };
    add(Cell::unlisted, "closed, filtered or not asked of this host");
    add(Cell::unknown, "could not be asked, or not all of it");
    add(Cell::unasked, "nothing was asked of this host");
    if (!legend.empty()) paragraph(out, style_, "", legend, Ink::faint);
  }

  const Style& style_;
  std::vector<Column> columns_;
  std::vector<Host> hosts_;
  std::vector<Line> lines_;
  std::vector<std::size_t> shown_;  // the columns that fit, in order
  std::size_t host_width_ = 0;
};

}  // namespace

void write_matrix(const RunRecord& record, const Style& style, std::ostream& out) {
  if (record.targets.empty()) return;
  heading(out, style, "HOSTS AND SERVICES");
  Table(record, style).write(out);
}

}  // namespace audit::report
