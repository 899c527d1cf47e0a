#include "inventory/layer.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "inventory/expect_keys.hpp"
#include "inventory/port_keys.hpp"

namespace audit::inventory {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

void read_owner(Mistakes& mistakes, const KeyValue& member, std::vector<Written>& written) {
  const auto owner = read_text(mistakes, member, "\"netops\"");
  if (!owner) return;
  written.push_back(
      {"owner", literal(*owner), member.at, [owner = *owner](Draft& draft) { draft.settings.owner = owner; }});
}

void read_safety(Mistakes& mistakes, const KeyValue& member, std::vector<Written>& written) {
  const auto* text = member.node.get_if<std::string>();
  const auto safety = text == nullptr ? std::nullopt : parse_safety(*text);
  if (!safety) {
    mistakes.add(member.node.at,
                 fmt::format("safety has to be \"connect\", \"normal\" or \"intrusive\"; this is {}{}",
                             text == nullptr ? std::string(kind_of(member.node)) : quoted(*text),
                             text == nullptr ? "" : did_you_mean(*text, {"connect", "normal", "intrusive"})));
    return;
  }
  written.push_back({"safety", quoted(*text), member.at, [safety = *safety](Draft& draft) {
                       draft.settings.safety = safety;
                       draft.settings.intrusive_allowed = safety == Safety::intrusive;
                     }});
}

void read_assume_up(Mistakes& mistakes, const KeyValue& member, std::vector<Written>& written) {
  const auto up = read_boolean(mistakes, member);
  if (!up) return;
  written.push_back(
      {"assume_up", *up ? "true" : "false", member.at, [up = *up](Draft& draft) { draft.settings.assume_up = up; }});
}

/// One of a few words, as `put` takes it.
template <class Put>
void read_word(Mistakes& mistakes, const KeyValue& member, const std::vector<std::string_view>& words, Put put,
               std::vector<Written>& written) {
  const auto* text = member.node.get_if<std::string>();
  if (text != nullptr && std::find(words.begin(), words.end(), *text) != words.end()) {
    written.push_back({member.key, quoted(*text), member.at, [put, word = *text](Draft& draft) { put(draft, word); }});
    return;
  }
  std::string list;
  for (std::size_t i = 0; i < words.size(); ++i)
    list += fmt::format("{}\"{}\"", i == 0 ? "" : i + 1 == words.size() ? " or " : ", ", words[i]);
  mistakes.add(member.node.at, fmt::format("{} has to be {}; this is {}{}", member.key, list,
                                           text == nullptr ? std::string(kind_of(member.node)) : quoted(*text),
                                           text == nullptr ? "" : did_you_mean(*text, words)));
}

void put_whole(Mistakes& mistakes, const KeyValue& member, std::int64_t high, std::uint32_t Limits::*limit,
               std::vector<Written>& written) {
  const auto number = read_whole(mistakes, member, 1, high);
  if (!number) return;
  written.push_back(
      {fmt::format("limits.{}", member.key), fmt::format("{}", *number), member.at,
       [limit, number = static_cast<std::uint32_t>(*number)](Draft& draft) { draft.settings.limits.*limit = number; }});
}

void put_duration(Mistakes& mistakes, const KeyValue& member, Duration low, Duration high, Duration Limits::*limit,
                  std::vector<Written>& written) {
  const auto duration = read_duration(mistakes, member, low, high);
  if (!duration) return;
  written.push_back({fmt::format("limits.{}", member.key), quoted(format_duration(*duration)), member.at,
                     [limit, duration = *duration](Draft& draft) { draft.settings.limits.*limit = duration; }});
}

void put_rate(Mistakes& mistakes, const KeyValue& member, std::vector<Written>& written) {
  const auto rate = read_number(mistakes, member, 1, 1'000'000);
  if (!rate) return;
  written.push_back({"limits.rate", fmt::format("{}", *rate), member.at,
                     [rate = *rate](Draft& draft) { draft.settings.limits.rate = rate; }});
}

/// Who writes it has the sweep keep it too; a sweep of a silent network under the default would take all day.
void put_per_prefix(Mistakes& mistakes, const KeyValue& member, std::vector<Written>& written) {
  const auto places = read_whole(mistakes, member, 1, 65'535);
  if (!places) return;
  written.push_back({"limits.per_prefix", fmt::format("{}", *places), member.at,
                     [places = static_cast<std::uint32_t>(*places)](Draft& draft) {
                       draft.settings.limits.per_prefix = places;
                       draft.settings.limits.per_prefix_bounds_sweep = true;
                     }});
}

}  // namespace

void read_limits(Mistakes& mistakes, const KeyValue& member, bool in_run, std::vector<Written>& written) {
  const NodeTable* table = read_table(mistakes, member, "[limits]");
  if (table == nullptr) return;
  std::vector<std::string_view> known{"per_target", "gap", "timeout", "attempts"};
  for (const std::string_view of_run : {"rate", "per_prefix"})
    if (in_run || find(*table, of_run) != nullptr) known.push_back(of_run);
  check_keys(mistakes, *table, in_run ? "[limits]" : "limits", known);
  for (const KeyValue& key : *table) {
    if (key.key == "rate" && in_run)
      put_rate(mistakes, key, written);
    else if (key.key == "per_prefix" && in_run)
      put_per_prefix(mistakes, key, written);
    else if (key.key == "rate" || key.key == "per_prefix")
      mistakes.add(key.at,
                   key.key +
                       " is of the whole run: write it in [limits] on the top level; here per_target and gap can "
                       "slow a target down");
    else if (key.key == "per_target")
      put_whole(mistakes, key, 1'024, &Limits::per_target, written);
    else if (key.key == "attempts")
      put_whole(mistakes, key, 10, &Limits::attempts, written);
    else if (key.key == "gap")
      put_duration(mistakes, key, Duration::zero(), hours(1), &Limits::gap, written);
    else if (key.key == "timeout")
      put_duration(mistakes, key, milliseconds(1), minutes(5), &Limits::timeout, written);
  }
}

Layer read_layer(Mistakes& mistakes, const NodeTable& table, std::vector<ParamPlace>& params) {
  Layer layer;
  for (const KeyValue& member : table) {
    if (member.key == "tags")
      layer.tags = read_texts(mistakes, member, "\"network-device\"");
    else if (member.key == "owner")
      read_owner(mistakes, member, layer.written);
    else if (member.key == "safety")
      read_safety(mistakes, member, layer.written);
    else if (member.key == "assume_up")
      read_assume_up(mistakes, member, layer.written);
    else if (member.key == "limits")
      read_limits(mistakes, member, false, layer.written);
    else if (member.key == "expect")
      read_expect(mistakes, member, layer.written);
    else if (member.key == "params")
      read_params(mistakes, member, layer.written, params);
    else if (member.key == "ports")
      layer.ports = read_ports(mistakes, member, Transport::tcp).value_or(PortSet());
    else if (member.key == "criticality")
      read_word(
          mistakes, member, {"critical", "high", "medium", "low"},
          [](Draft& draft, const std::string& word) { draft.settings.criticality = word; }, layer.written);
    else if (member.key == "resolve")
      read_word(
          mistakes, member, {"all", "first"},
          [](Draft& draft, const std::string& word) { draft.settings.first_address = word == "first"; }, layer.written);
  }
  return layer;
}

}  // namespace audit::inventory
