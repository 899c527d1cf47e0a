#include "report/map_layout.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <random>

using namespace audit::report;

namespace {

bool overlap(const Place& a, const Place& b) {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

bool inside(const Place& inner, const Place& outer) {
  return inner.x >= outer.x && inner.y >= outer.y && inner.x + inner.width <= outer.x + outer.width &&
         inner.y + inner.height <= outer.y + outer.height;
}

template <class Placed>
void check_apart(const std::vector<Placed>& all) {
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t j = i + 1; j < all.size(); ++j)
      if (overlap(all[i].place, all[j].place)) FAIL_CHECK(i << " lies over " << j);
}

/// The frame on its sheet that a thing belongs into.
template <class Same>
void check_framed(const Place& place, const std::vector<MapSheet::Frame>& frames, Same same) {
  std::size_t around = 0;
  for (const MapSheet::Frame& frame : frames)
    if (same(frame) && inside(place, frame.place)) ++around;
  CHECK(around == 1);
}

void check_sheet(const MapShape& shape, const MapSheet& sheet) {
  CHECK(sheet.height > 0);
  CHECK(sheet.height <= highest_sheet);
  const Place whole{0, 0, map_width, sheet.height};
  check_apart(sheet.boxes);
  check_apart(sheet.groups);
  check_apart(sheet.zones);
  for (const MapSheet::Box& box : sheet.boxes) {
    CHECK(inside(box.place, whole));
    CHECK(box.place.height == shape.zones[box.zone].groups[box.group][box.box]);
    if (shape.zones[box.zone].grouped)
      check_framed(box.place, sheet.groups,
                   [&](const auto& frame) { return frame.zone == box.zone && frame.group == box.group; });
  }
  for (const MapSheet::Frame& group : sheet.groups) {
    CHECK(inside(group.place, whole));
    if (shape.zones[group.zone].framed)
      check_framed(group.place, sheet.zones, [&](const auto& frame) { return frame.zone == group.zone; });
  }
  for (const MapSheet::Frame& zone : sheet.zones) CHECK(inside(zone.place, whole));
}

/// Every box once, in order.
void check_all(const MapShape& shape) {
  const std::vector<MapSheet> sheets = lay_out(shape);
  std::vector<std::array<std::size_t, 3>> wanted;
  std::vector<std::array<std::size_t, 3>> placed;
  for (std::size_t z = 0; z < shape.zones.size(); ++z)
    for (std::size_t g = 0; g < shape.zones[z].groups.size(); ++g)
      for (std::size_t b = 0; b < shape.zones[z].groups[g].size(); ++b) wanted.push_back({z, g, b});
  for (const MapSheet& sheet : sheets) {
    check_sheet(shape, sheet);
    for (const MapSheet::Box& box : sheet.boxes) placed.push_back({box.zone, box.group, box.box});
  }
  CHECK(placed == wanted);
}

}  // namespace

TEST_CASE("a map of nothing is one empty sheet") {
  CHECK(lay_out({}).size() == 1);
  CHECK(lay_out({}).front().boxes.empty());
}

TEST_CASE("small subnets stand side by side, and a large one fills rows") {
  const std::vector<MapSheet> sheets = lay_out({{{false, true, {{50}, {50, 60}, {50}, {50, 50, 50, 50, 50}}}}});
  REQUIRE(sheets.size() == 1);
  const auto& groups = sheets.front().groups;
  REQUIRE(groups.size() == 4);
  CHECK(groups[0].place.y == groups[1].place.y);
  CHECK(groups[1].place.y == groups[2].place.y);
  CHECK(groups[3].place.y > groups[1].place.y + groups[1].place.height);
}

TEST_CASE("what does not fit on a sheet is continued on the next, with its frames") {
  const std::vector<MapSheet> sheets = lay_out({{{true, true, {MapShape::Group(100, 100)}}}});
  REQUIRE(sheets.size() == 3);
  for (std::size_t i = 0; i < sheets.size(); ++i) {
    REQUIRE(sheets[i].zones.size() == 1);
    REQUIRE(sheets[i].groups.size() == 1);
    CHECK(sheets[i].zones[0].continued == (i > 0));
    CHECK(sheets[i].groups[0].continued == (i > 0));
  }
}

TEST_CASE("no box of any map lies over another, outside of its frames or off its sheet") {
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    INFO("seed " << seed);
    std::mt19937 random(seed);
    const auto below = [&](std::uint32_t bound) { return static_cast<std::uint32_t>(random() % bound); };
    MapShape shape;
    shape.zones.resize(below(4));
    const bool grouped = below(3) > 0;
    for (MapShape::Zone& zone : shape.zones) {
      zone.framed = below(2) == 0;
      zone.grouped = grouped;
      zone.groups.resize(below(20));
      for (MapShape::Group& group : zone.groups) {
        group.resize(below(4) == 0 ? below(90) : below(6));
        for (int& height : group) height = 1 + static_cast<int>(below(highest_map_box));
      }
    }
    check_all(shape);
  }
}
