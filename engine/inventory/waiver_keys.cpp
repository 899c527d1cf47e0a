#include "inventory/waiver_keys.hpp"

#include <fmt/format.h>

#include <map>

#include "inventory/row.hpp"
#include "inventory/target_pattern.hpp"

namespace audit::inventory {
namespace {

constexpr std::string_view targets_example = "[\"10.0.0.7\", \"sw-*.example.net\", \"group:switches\"]";

/// One text, or a list of them.
std::vector<Text> read_one_or_more(Mistakes& mistakes, const KeyValue& member, std::string_view example) {
  if (member.node.get_if<std::string>() == nullptr) return read_texts(mistakes, member, example);
  const auto text = read_text(mistakes, member, example);
  return text ? std::vector<Text>{{*text, member.node.at}} : std::vector<Text>();
}

class WaiverReader {
 public:
  WaiverReader(Mistakes& mistakes, GroupGraph& groups, const std::vector<Zone>& zones)
      : mistakes_(mistakes), groups_(groups), zones_(zones) {}

  Waiver read(const Node& node) {
    Row row(mistakes_, node, "this waiver");
    check_keys(mistakes_, row.table(), "[[waivers]]",
               {"id", "rule", "targets", "endpoint", "reason", "approver", "ticket", "starts", "expires", "covers"});
    Waiver waiver;
    waiver.place = mistakes_.place(row.at());
    read_id(row, waiver);
    read_rule(row, waiver);
    if (const KeyValue* targets = row.need("targets", targets_example)) read_targets(*targets, waiver);
    if (const KeyValue* endpoint = row.find("endpoint")) read_endpoint(*endpoint, waiver);
    waiver.reason = row.text("reason", "\"Console server, replacement ordered\"");
    waiver.approver = row.text("approver", "\"j.doe\"");
    if (const KeyValue* ticket = row.find("ticket"))
      waiver.ticket = read_text(mistakes_, *ticket, "\"CHG-112\"").value_or("");
    read_dates(row, waiver);
    if (const KeyValue* covers = row.find("covers")) read_covers(*covers, waiver);
    return waiver;
  }

 private:
  void read_id(Row& row, Waiver& waiver) {
    const KeyValue* member = row.need("id", "\"W-17\"");
    if (member == nullptr) return;
    waiver.id = read_text(mistakes_, *member, "\"W-17\"").value_or("");
    if (waiver.id.empty()) return;
    const auto [first, fresh] = known_.emplace(waiver.id, member->node.at);
    if (!fresh)
      mistakes_.add(member->node.at, fmt::format("there is a waiver {} already, at {}; give this one another id",
                                                 quoted(waiver.id), mistakes_.where(first->second)));
  }

  void read_rule(Row& row, Waiver& waiver) {
    const KeyValue* member = row.need("rule", "\"exposure.telnet-open\"");
    if (member == nullptr) return;
    waiver.rule = read_text(mistakes_, *member, "\"exposure.telnet-open\"").value_or("");
    waiver.rule_place = mistakes_.place(member->node.at);
  }

  void read_targets(const KeyValue& member, Waiver& waiver) {
    const std::vector<Text> texts = read_one_or_more(mistakes_, member, "\"10.0.0.7\"");
    if (const auto* list = member.node.get_if<NodeList>(); list != nullptr && list->empty())
      mistakes_.add(member.node.at,
                    "targets is empty: this waiver would cover nothing; name what it is for, \"*\" for everything");
    for (const Text& text : texts) {
      auto parsed = parse_target_pattern(text.text, zones_);
      if (const auto* complaint = std::get_if<Complaint>(&parsed)) {
        mistakes_.add(text.at, complaint->text);
        continue;
      }
      auto& pattern = std::get<TargetPattern>(parsed);
      if (pattern.kind == TargetPattern::Kind::group && groups_.resolve({{pattern.word, text.at}}).empty()) continue;
      waiver.targets.push_back(std::move(pattern));
    }
  }

  void read_endpoint(const KeyValue& member, Waiver& waiver) {
    const auto text = read_text(mistakes_, member, "\"tcp/23\"");
    if (!text) return;
    auto parsed = parse_endpoint_pattern(*text);
    if (const auto* complaint = std::get_if<Complaint>(&parsed))
      mistakes_.add(member.node.at, complaint->text);
    else
      waiver.endpoint = std::get<EndpointPattern>(std::move(parsed));
  }

  void read_dates(Row& row, Waiver& waiver) {
    const auto starts = row.day("starts", "2026-11-01");
    const auto expires = row.day("expires", "2027-01-31");
    waiver.starts = starts.value_or(Day());
    waiver.expires = expires.value_or(Day());
    if (starts && expires && *expires < *starts)
      mistakes_.add(row.find("expires")->node.at,
                    fmt::format("expires is {}, before it starts ({}): this waiver would never hold; expires is its "
                                "last day",
                                format_day(*expires), format_day(*starts)));
  }

  void read_covers(const KeyValue& member, Waiver& waiver) {
    waiver.covers_fail = false;
    if (const auto* list = member.node.get_if<NodeList>(); list != nullptr && list->empty())
      mistakes_.add(member.node.at, "covers is empty: this waiver would cover nothing; write covers = [\"fail\"]");
    for (const Text& text : read_texts(mistakes_, member, "\"fail\"")) {
      if (text.text == "fail")
        waiver.covers_fail = true;
      else if (text.text == "unreachable")
        waiver.covers_unreachable = true;
      else
        mistakes_.add(text.at,
                      fmt::format("covers holds \"fail\", \"unreachable\" (of a host that is known to be away) "
                                  "or both; this is {}{}",
                                  quoted(text.text), did_you_mean(text.text, {"fail", "unreachable"})));
    }
  }

  Mistakes& mistakes_;
  GroupGraph& groups_;
  const std::vector<Zone>& zones_;
  std::map<std::string, Position> known_;
};

}  // namespace

std::vector<Waiver> read_waivers(Mistakes& mistakes, const KeyValue& section, GroupGraph& groups,
                                 const std::vector<Zone>& zones) {
  std::vector<Waiver> waivers;
  WaiverReader reader(mistakes, groups, zones);
  for (const Node* node : read_rows(mistakes, section)) waivers.push_back(reader.read(*node));
  return waivers;
}

}  // namespace audit::inventory
