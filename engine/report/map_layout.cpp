#include "report/map_layout.hpp"

#include <algorithm>

namespace audit::report {
namespace {

constexpr std::size_t columns = 4;
constexpr int gap = 8;
constexpr int pad = 10;
constexpr int title = 24;                            // above what is in a frame
constexpr int step = map_box_width + 2 * pad + gap;  // from a column of groups to the next
constexpr int indent = (map_width - static_cast<int>(columns) * step + gap) / 2;

class Layouter {
 public:
  explicit Layouter(const MapShape& shape) : shape_(shape) {}

  std::vector<MapSheet> take() {
    sheets_.emplace_back();
    for (zone_ = 0; zone_ < shape_.zones.size(); ++zone_) put_zone(shape_.zones[zone_]);
    close_sheet();
    return std::move(sheets_);
  }

 private:
  MapSheet& sheet() { return sheets_.back(); }

  void put_zone(const MapShape::Zone& zone) {
    if (zone.framed) open_zone(false);
    for (group_ = 0; group_ < zone.groups.size(); ++group_) {
      const MapShape::Group& group = zone.groups[group_];
      if (zone.grouped && group.size() < columns)
        put_small(group);
      else
        put_rows(group, zone.grouped);
    }
    end_shelf();
    close_zone();
  }

  /// The frame of a zone begins; it is as high as what comes into it.
  void open_zone(bool continued) {
    if (!continued && y_ + title + pad + highest_map_box > highest_sheet) next_sheet();
    sheet().zones.push_back({{0, y_, map_width, 0}, zone_, 0, continued});
    in_zone_ = true;
    y_ += title;
  }
  void close_zone() {
    if (!in_zone_) return;
    Place& place = sheet().zones.back().place;
    y_ = std::max(y_, place.y + title) + pad - gap;
    place.height = y_ - place.y;
    y_ += gap;
    in_zone_ = false;
  }

  void next_sheet() {
    const bool framed = in_zone_;
    close_zone();
    close_sheet();
    sheets_.emplace_back();
    y_ = 0;
    if (framed) open_zone(true);
  }
  void close_sheet() { sheet().height = std::max(y_ - gap, 1); }

  [[nodiscard]] bool fits(int height) const { return y_ + height + pad <= highest_sheet; }
  /// Is anything but the head of a zone on this sheet?
  [[nodiscard]] bool begun() const { return !sheets_.back().boxes.empty(); }

  void end_shelf() {
    if (used_ > 0) y_ = shelf_ + gap;
    used_ = 0;
    shelf_ = 0;
  }

  /// A group of fewer boxes than a row has, beside others of the kind.
  void put_small(const MapShape::Group& group) {
    if (group.empty()) return;
    const int height = title + *std::max_element(group.begin(), group.end()) + pad;
    if (used_ + group.size() > columns) end_shelf();
    if (!fits(height) && begun()) {
      end_shelf();
      next_sheet();
    }
    const int x = indent + static_cast<int>(used_) * step;
    const int width = static_cast<int>(group.size()) * step - gap;
    sheet().groups.push_back({{x, y_, width, height}, zone_, group_, false});
    for (std::size_t i = 0; i < group.size(); ++i)
      put_box(i, x + pad + static_cast<int>(i) * (map_box_width + gap), y_ + title, group[i]);
    used_ += group.size();
    shelf_ = std::max(shelf_, y_ + height);
  }

  /// A group of rows, over as many sheets as it needs.
  void put_rows(const MapShape::Group& group, bool framed) {
    end_shelf();
    const int head = framed ? title : 0;
    const int foot = framed ? pad : 0;
    bool open = false;
    for (std::size_t first = 0; first < group.size(); first += columns) {
      const std::size_t end = std::min(first + columns, group.size());
      const int height = *std::max_element(group.begin() + static_cast<std::ptrdiff_t>(first),
                                           group.begin() + static_cast<std::ptrdiff_t>(end));
      if (!fits((open ? 0 : head) + height + foot) && begun()) {
        if (open) close_rows(framed, foot);
        next_sheet();
        open = false;
      }
      if (!open && framed) {
        const int width = static_cast<int>(columns) * step - gap;
        sheet().groups.push_back({{indent, y_, width, 0}, zone_, group_, first > 0});
      }
      if (!open) y_ += head;
      open = true;
      for (std::size_t i = first; i < end; ++i)
        put_box(i, indent + (framed ? pad : 0) + static_cast<int>(i - first) * (framed ? map_box_width + gap : step),
                y_, group[i]);
      y_ += height + gap;
    }
    if (open) close_rows(framed, foot);
  }
  void close_rows(bool framed, int foot) {
    if (!framed) return;
    Place& place = sheet().groups.back().place;
    y_ += foot - gap;
    place.height = y_ - place.y;
    y_ += gap;
  }

  void put_box(std::size_t box, int x, int y, int height) {
    sheet().boxes.push_back({{x, y, map_box_width, height}, zone_, group_, box});
  }

  const MapShape& shape_;
  std::vector<MapSheet> sheets_;
  std::size_t zone_ = 0;
  std::size_t group_ = 0;
  bool in_zone_ = false;
  int y_ = 0;
  std::size_t used_ = 0;  // columns of the shelf of small groups
  int shelf_ = 0;         // where its highest ends
};

}  // namespace

std::vector<MapSheet> lay_out(const MapShape& shape) { return Layouter(shape).take(); }

}  // namespace audit::report
