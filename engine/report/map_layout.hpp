#pragma once

#include <cstddef>
#include <vector>

namespace audit::report {

/// What is to be laid out: boxes in groups in zones, each box by its height. A zone without a name has no frame.
struct MapShape {
  using Group = std::vector<int>;
  struct Zone {
    bool framed = false;
    bool grouped = true;  // its groups have frames
    std::vector<Group> groups;
  };
  std::vector<Zone> zones;
};

/// A rectangle in units that a screen shows as pixels.
struct Place {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
};

/// What fits on one printed page. Zones and groups that do not fit are continued on the next sheet.
struct MapSheet {
  struct Frame {
    Place place;
    std::size_t zone = 0;
    std::size_t group = 0;
    bool continued = false;
  };
  struct Box {
    Place place;
    std::size_t zone = 0;
    std::size_t group = 0;
    std::size_t box = 0;
  };
  int height = 0;
  std::vector<Frame> zones;
  std::vector<Frame> groups;
  std::vector<Box> boxes;
};

inline constexpr int map_width = 1036;
inline constexpr int map_box_width = 228;
inline constexpr int highest_sheet = 1400;   // in proportion to the width what A4 has room for
inline constexpr int highest_map_box = 300;  // no box is higher, so that each fits on a sheet

/// Every box once, in order, none over another; small groups stand side by side.
[[nodiscard]] std::vector<MapSheet> lay_out(const MapShape& shape);

}  // namespace audit::report
