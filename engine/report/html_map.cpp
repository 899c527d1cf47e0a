#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "report/html_sections.hpp"
#include "report/layout.hpp"
#include "report/map_layout.hpp"
#include "report/net_map.hpp"
#include "report/shown.hpp"

namespace audit::report {
namespace {

constexpr std::size_t most_hosts = 1000;
constexpr std::size_t most_subnets = 400;
constexpr std::size_t few_hosts = 60;  // of so many there is room for their services
constexpr std::size_t most_lines = 8;  // of services
constexpr std::size_t fewest_lines = 2;
constexpr std::size_t most_common = 4;
constexpr std::size_t most_columns = 29;  // of the map's type in a box
constexpr std::size_t longest_name = 100;
constexpr int line_height = 16;
constexpr int margin = 8;

/// What a box says at a glance; its words say the same.
enum class Look : std::uint8_t { bad, lesser, waived, blind, calm };

struct Box {
  std::string name;
  std::vector<std::string> lines;
  std::vector<std::string> outcome;
  std::string hint;
  Look look = Look::calm;
  bool alive = true;

  [[nodiscard]] int height() const {
    return 2 * margin + line_height * static_cast<int>(1 + lines.size() + outcome.size());
  }
};

Look look_of(const Tallied& tally) {
  if (tally.failures > tally.waived) return tally.worst >= Severity::high ? Look::bad : Look::lesser;
  if (tally.blind() > 0) return Look::blind;
  return tally.failures > 0 ? Look::waived : Look::calm;
}

/// The pieces in lines of a box, and what there was no room for.
std::vector<std::string> packed(const std::vector<std::string>& pieces, std::size_t most) {
  std::vector<std::string> lines;
  std::size_t taken = 0;
  for (const std::string& piece : pieces) {
    const std::string word = clip(piece, most_columns - 1);
    const bool follows = !lines.empty() && columns(lines.back()) + columns(word) + 3 <= most_columns;
    if (!follows && lines.size() == most) break;
    if (follows)
      lines.back() += ", " + word;
    else
      lines.push_back(word);
    ++taken;
  }
  if (taken < pieces.size() && !lines.empty()) {
    const std::string rest = fmt::format(" +{}", pieces.size() - taken);
    lines.back() = clip(lines.back(), most_columns - rest.size()) + rest;
  }
  return lines;
}

std::vector<std::string> outcome_of(const Tallied& tally) {
  std::vector<std::string> words;
  const std::string text = words_of(tally);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(", ", at), text.size());
    words.push_back(text.substr(at, end - at));
    at = end + 2;
  }
  return packed(words, words.size());
}

Box box_of(const MappedHost& host, std::size_t lines, const RunRecord& record) {
  const TargetRecord& target = *host.target;
  Box box;
  box.name = clip(shown(target.id, longest_name), most_columns - 2);
  if (!target.addresses.empty()) {
    const std::string address = format_address(target.addresses.front());
    if (address != target.id) box.lines.push_back(clip(address, most_columns));
    if (target.addresses.size() > 1)
      box.lines.push_back(clip(fmt::format("and {} more addresses", target.addresses.size() - 1), most_columns));
  }
  std::vector<std::string> services;
  for (const PortRecord& port : target.ports)
    if (const std::string service = service_of(port, record); !service.empty())
      services.push_back(shown(service, longest_name));
  for (std::string& line : packed(services, lines)) box.lines.push_back(std::move(line));
  box.alive = target.life == TargetLife::alive;
  if (!box.alive) box.lines.emplace_back(name_of(target.life));
  box.outcome = outcome_of(host.tally);
  box.look = look_of(host.tally);
  box.hint = fmt::format("{}: {}; {}", shown(target.id, longest_name), name_of(target.life), words_of(host.tally));
  return box;
}

Box box_of(const MappedSubnet& subnet, const RunRecord& record) {
  const Tallied tally = tally_of(subnet);
  const std::size_t alive = alive_in(subnet);
  Box box;
  box.name = clip(title_of(subnet), most_columns - 2);
  box.lines.push_back(clip(fmt::format("{}, {} alive", counted(subnet.hosts.size(), "target"), alive), most_columns));
  const std::vector<CommonService> common = common_services(subnet, record);
  for (std::size_t i = 0; i < std::min(common.size(), most_common); ++i)
    box.lines.push_back(
        clip(fmt::format("{} × {}", common[i].hosts, shown(common[i].name, longest_name)), most_columns));
  if (common.size() > most_common)
    box.lines.push_back(fmt::format("and {} more services", common.size() - most_common));
  box.outcome = outcome_of(tally);
  box.look = look_of(tally);
  box.alive = alive > 0;
  box.hint = fmt::format("{}: {}, {} alive; {}", title_of(subnet), counted(subnet.hosts.size(), "target"), alive,
                         words_of(tally));
  return box;
}

/// The map as it is to be drawn: boxes by zone and group, and what there was no room for.
struct Drawing {
  struct Group {
    std::string title;
    std::vector<Box> boxes;
  };
  struct Zone {
    std::string title;
    std::vector<Group> groups;
  };
  std::vector<Zone> zones;
  bool by_subnet = false;
  std::size_t subnets_left = 0;
  std::size_t targets_left = 0;
  Tallied tally_left;
};

void draw_hosts(const MappedZone& zone, std::size_t lines, const RunRecord& record, Drawing::Zone& drawn) {
  for (const MappedSubnet& subnet : zone.subnets) {
    Drawing::Group& group = drawn.groups.emplace_back();
    group.title = title_of(subnet);
    for (const MappedHost& host : subnet.hosts) group.boxes.push_back(box_of(host, lines, record));
  }
}

void draw_subnets(const MappedZone& zone, std::size_t& room, const RunRecord& record, Drawing& drawing) {
  Drawing::Group& group = drawing.zones.back().groups.emplace_back();
  for (const MappedSubnet& subnet : zone.subnets) {
    if (room > 0) {
      --room;
      group.boxes.push_back(box_of(subnet, record));
      continue;
    }
    ++drawing.subnets_left;
    drawing.targets_left += subnet.hosts.size();
    drawing.tally_left.add(tally_of(subnet));
  }
}

Drawing drawing_of(const RunRecord& record) {
  const NetMap map = map_of(record);
  Drawing drawing;
  drawing.by_subnet = map.hosts > most_hosts;
  std::size_t room = most_subnets;
  for (const MappedZone& zone : map.zones) {
    drawing.zones.emplace_back().title = zone.name.empty() ? "" : "zone " + shown(zone.name, longest_name);
    if (drawing.by_subnet)
      draw_subnets(zone, room, record, drawing);
    else
      draw_hosts(zone, map.hosts > few_hosts ? fewest_lines : most_lines, record, drawing.zones.back());
  }
  std::erase_if(drawing.zones, [](const Drawing::Zone& zone) {
    return std::all_of(zone.groups.begin(), zone.groups.end(), [](const auto& group) { return group.boxes.empty(); });
  });
  return drawing;
}

MapShape shape_of(const Drawing& drawing) {
  MapShape shape;
  for (const Drawing::Zone& zone : drawing.zones) {
    MapShape::Zone& shaped = shape.zones.emplace_back();
    shaped.framed = !zone.title.empty();
    shaped.grouped = !drawing.by_subnet;
    for (const Drawing::Group& group : zone.groups) {
      MapShape::Group& heights = shaped.groups.emplace_back();
      for (const Box& box : group.boxes) heights.push_back(std::min(box.height(), highest_map_box));
    }
  }
  return shape;
}

Text unit(int length) { return ready(fmt::format("{}", length)); }

void write_place(const Place& place, Page& page) {
  page << " x=\"" << unit(place.x) << "\" y=\"" << unit(place.y) << "\" width=\"" << unit(place.width) << "\" height=\""
       << unit(place.height) << "\"";
}

void write_line(Markup kind, int x, int y, std::string words, Page& page) {
  page << "<text class=\"" << kind << "\" x=\"" << unit(x) << "\" y=\"" << unit(y) << "\">" << ready(std::move(words))
       << "</text>";
}

void write_frame(Markup kind, const MapSheet::Frame& frame, const std::string& title, Page& page) {
  page << "<rect class=\"" << kind << "\" rx=\"6\"";
  write_place(frame.place, page);
  page << "/>";
  write_line("title", frame.place.x + margin, frame.place.y + line_height,
             clip(title, 60) + (frame.continued ? " (continued)" : ""), page);
  page << "\n";
}

Markup class_of(Look look) {
  switch (look) {
    case Look::bad: return "bad";
    case Look::lesser: return "lesser";
    case Look::waived: return "accepted-risk";
    case Look::blind: return "unseen";
    case Look::calm: return "calm";
  }
  return "unseen";
}

/// A sign for those who see no colour.
Markup sign_of(Look look) {
  switch (look) {
    case Look::bad: return "× ";
    case Look::lesser: return "! ";
    case Look::waived: return "~ ";
    case Look::blind: return "? ";
    case Look::calm: return "○ ";
  }
  return "? ";
}

void write_box(const Place& place, const Box& box, Page& page) {
  page << "<g class=\"box " << class_of(box.look) << (box.alive ? Markup("") : Markup(" away")) << "\"><title>"
       << ready(box.hint) << "</title><rect rx=\"4\"";
  write_place(place, page);
  page << "/>";
  const int x = place.x + margin;
  int y = place.y + margin + line_height - 4;
  page << "<text class=\"name\" x=\"" << unit(x) << "\" y=\"" << unit(y) << "\">" << sign_of(box.look)
       << ready(box.name) << "</text>";
  for (const std::string& line : box.lines) write_line("line", x, y += line_height, line, page);
  for (const std::string& line : box.outcome) write_line("outcome", x, y += line_height, line, page);
  page << "</g>\n";
}

void write_sheet(const Drawing& drawing, const MapSheet& sheet, std::size_t number, std::size_t all, Page& page) {
  page << "<svg class=\"map\" role=\"img\" aria-label=\"Map of the network, sheet "
       << ready(fmt::format("{} of {}", number, all)) << "\" width=\"" << unit(map_width) << "\" height=\""
       << unit(sheet.height) << "\" viewBox=\"0 0 " << unit(map_width) << " " << unit(sheet.height) << "\">\n";
  for (const MapSheet::Frame& frame : sheet.zones) write_frame("zone", frame, drawing.zones[frame.zone].title, page);
  for (const MapSheet::Frame& frame : sheet.groups)
    write_frame("subnet", frame, drawing.zones[frame.zone].groups[frame.group].title, page);
  for (const MapSheet::Box& box : sheet.boxes)
    write_box(box.place, drawing.zones[box.zone].groups[box.group].boxes[box.box], page);
  page << "</svg>\n";
}

void write_legend(const RunRecord& record, const Drawing& drawing, Page& page) {
  page << "<p>"
       << (drawing.by_subnet ? Markup("There are too many targets to draw each: a box is a subnet. ") : Markup(""))
       << "Zones and subnets (/24 and /64) are the frames; a target is where its first address is. The table of <a "
          "href=\"#targets\">targets</a> says the same in words.";
  if (record.summary.dark + record.summary.excluded > 0)
    page << " Not on the map: " << number(record.summary.dark) << " dark and " << number(record.summary.excluded)
         << " excluded addresses.";
  page
      << "</p>\n<p class=\"legend\"><b>×</b> a failure, high or critical; <b>!</b> a lesser one; <b>~</b> all failures "
         "are waived; <b>?</b> not all was judged; <b>○</b> no failure; a dashed border: no sign of life.</p>\n";
  if (drawing.subnets_left > 0)
    page << "<p class=\"cut\">Left out here: " << ready(counted(drawing.subnets_left, "more subnet")) << " with "
         << ready(counted(drawing.targets_left, "target")) << ": " << ready(words_of(drawing.tally_left)) << ".</p>\n";
}

}  // namespace

void write_map(const RunRecord& record, Page& page) {
  page << "<section id=\"map\">\n<h2>Map of the network</h2>\n";
  if (record.targets.empty()) {
    page << "<p>There was no target to draw.</p>\n</section>\n";
    return;
  }
  const Drawing drawing = drawing_of(record);
  write_legend(record, drawing, page);
  const std::vector<MapSheet> sheets = lay_out(shape_of(drawing));
  page << "<div class=\"scroll\" role=\"region\" aria-label=\"Map of the network\" tabindex=\"0\">\n";
  for (std::size_t i = 0; i < sheets.size(); ++i) write_sheet(drawing, sheets[i], i + 1, sheets.size(), page);
  page << "</div>\n</section>\n";
}

}  // namespace audit::report
