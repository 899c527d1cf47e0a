#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "inventory/group_graph.hpp"

namespace audit::inventory {

/// Makes settings of a target's groups and its own keys. Of two groups that set a key, the one that inherits from the
/// other wins, then the one of higher priority (which also holds for what a group inherits); else the two values are
/// equal, or it is a mistake. The target's own keys win over all; tags, never ports and ports are united.
class Merger {
 public:
  /// `base` is what holds for every target: [limits], [params] and [scope] never. All three outlive the merger.
  /// `keep_origins`: settings tell where each value comes from.
  Merger(Mistakes& mistakes, const GroupGraph& groups, const Layer& base, bool keep_origins)
      : mistakes_(mistakes), groups_(groups), base_(base), keep_origins_(keep_origins) {}

  /// A contradiction is told at `at`, once for each pair of values. Targets that say the same share one object.
  [[nodiscard]] std::shared_ptr<const Settings> merge(const std::vector<std::size_t>& listed, const Layer& own,
                                                      Position at);
  /// Contradictions between the parents of groups, whether or not a target is in them.
  void check_groups();

 private:
  struct Candidate {
    std::size_t group;
    const Written* written;
  };

  [[nodiscard]] std::shared_ptr<const Settings> build(const std::vector<std::size_t>& listed, const Layer& own,
                                                      Position at);
  [[nodiscard]] const Written& pick(const std::vector<Candidate>& candidates, const std::vector<std::size_t>& closure,
                                    Position at);
  /// Where each value that holds comes from; `chosen` are those of the groups.
  [[nodiscard]] Origins trace(const std::vector<std::size_t>& closure, const Layer& own,
                              const std::map<std::string_view, std::vector<Candidate>>& by_key,
                              const std::map<std::string_view, const Written*>& chosen) const;
  void check_contradiction(const std::optional<ExpectedPorts>& expected, Transport transport, Position at);
  [[nodiscard]] std::int64_t priority_of(std::size_t group, const std::vector<std::size_t>& closure) const;

  Mistakes& mistakes_;
  const GroupGraph& groups_;
  const Layer& base_;
  bool keep_origins_;
  std::unordered_map<std::string, std::shared_ptr<const Settings>> merged_;
  std::set<std::pair<const Written*, const Written*>> told_;
  std::set<std::string> contradictions_;
};

}  // namespace audit::inventory
