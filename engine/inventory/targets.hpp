#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "inventory/group_graph.hpp"
#include "inventory/merge.hpp"
#include "inventory/notices.hpp"

namespace audit::inventory {

/// Targets that a source names, as tables of the keys that [[targets]] have, and what the source says of them all.
struct SourcedTargets {
  NodeList tables;
  std::vector<Text> groups;
  Layer common;
  bool structured = true;  // what stands where an address is expected is meant as one; false for a plain text
};

/// Reads [[targets]]: one entry for each address, name or block, in the order of the file; tables for the same one are
/// read as one, with a notice, and must not contradict each other.
class TargetReader {
 public:
  TargetReader(Mistakes& mistakes, Notices& notices, GroupGraph& groups, Merger& merger,
               std::vector<ParamPlace>& params)
      : mistakes_(mistakes), notices_(notices), groups_(groups), merger_(merger), params_(params) {}

  [[nodiscard]] std::vector<Entry> read(const KeyValue* section, const std::vector<SourcedTargets>& sourced,
                                        bool has_sources);

 private:
  struct Row {
    const Node* node;
    std::size_t entry;                       // no_entry where its address is wrong
    const SourcedTargets* source = nullptr;  // absent for a table of the inventory
    std::uint16_t port = 0;                  // of a URL
  };
  static constexpr std::size_t no_entry = ~std::size_t{0};

  using Known = std::unordered_map<std::string, std::size_t>;
  void read_addresses(const NodeList& nodes, const SourcedTargets* source, std::vector<Row>& rows,
                      std::vector<Entry>& entries, Known& known);
  struct Odd {
    Position at;
    std::string complaint;  // empty where it may not be shown
  };
  [[nodiscard]] bool read_address(const Node& node, Entry& entry, bool sourced, std::vector<Odd>& odd);
  void complain(const std::vector<Odd>& odd, std::size_t good, const SourcedTargets& source);
  void read_settings(const Row* first, const Row* last, Entry* entry);
  static void read_url(const Row& row, const NodeTable& table, Layer& layer);
  static void inherit(Layer& layer, const Layer& common, std::vector<Text>& group_names,
                      const std::vector<Text>& groups);
  void unite(Layer& layer, Layer&& more, const std::string& target);

  Mistakes& mistakes_;
  Notices& notices_;
  GroupGraph& groups_;
  Merger& merger_;
  std::vector<ParamPlace>& params_;
};

/// Reads `zone` of a target or source.
void read_zone(Mistakes& mistakes, const KeyValue& member, Layer& layer);
/// Equal for two entries exactly where they name the same address, name or block.
[[nodiscard]] std::string identity_of(const Entry& entry);
/// Entries of several blocks as one entry for each block.
void split_blocks(std::vector<Entry>& entries);

}  // namespace audit::inventory
