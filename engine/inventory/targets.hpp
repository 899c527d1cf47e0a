#pragma once

#include <string>
#include <vector>

#include "inventory/group_graph.hpp"
#include "inventory/merge.hpp"
#include "inventory/notices.hpp"

namespace audit::inventory {

/// Reads [[targets]]: one entry for each address, name or block, in the order of the file; tables for the same one are
/// read as one, with a notice, and must not contradict each other.
class TargetReader {
 public:
  TargetReader(Mistakes& mistakes, Notices& notices, GroupGraph& groups, Merger& merger,
               std::vector<ParamPlace>& params)
      : mistakes_(mistakes), notices_(notices), groups_(groups), merger_(merger), params_(params) {}

  [[nodiscard]] std::vector<Entry> read(const KeyValue* section);

 private:
  struct Row {
    const Node* node;
    std::size_t entry;  // no_entry where its address is wrong
  };
  static constexpr std::size_t no_entry = ~std::size_t{0};

  [[nodiscard]] std::vector<Row> read_addresses(const NodeList& nodes, std::vector<Entry>& entries);
  [[nodiscard]] bool read_address(const Node& node, Entry& entry);
  void read_settings(const Row* first, const Row* last, Entry* entry);
  void unite(Layer& layer, Layer&& more, const std::string& target);

  Mistakes& mistakes_;
  Notices& notices_;
  GroupGraph& groups_;
  Merger& merger_;
  std::vector<ParamPlace>& params_;
};

/// Equal for two entries exactly where they name the same address, name or block.
[[nodiscard]] std::string identity_of(const Entry& entry);

}  // namespace audit::inventory
