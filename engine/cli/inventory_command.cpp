#include <fmt/format.h>

#include <iostream>
#include <memory>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/inventory_output.hpp"
#include "cli/source_options.hpp"

namespace audit::cli {
namespace {

struct Wanted {
  Sources sources;
  std::string explain;
  bool graph = false;
  std::string format = "text";
};

int show(const Wanted& wanted) {
  int refused = exit_config;
  const std::shared_ptr<inventory::Inventory> inventory =
      load_inventory(wanted.sources, refused, {.origins = !wanted.explain.empty()});
  if (!inventory) return refused;
  for (const std::string& notice : inventory->notices) std::cerr << "audit inventory: " << visible(notice) << '\n';
  const bool json = wanted.format == "json";
  if (wanted.graph) {
    wanted.format == "dot" ? print_dot(*inventory) : print_graph(*inventory);
    return exit_complete;
  }
  if (wanted.explain.empty()) {
    json ? print_inventory_json(*inventory) : print_inventory(*inventory);
    return exit_complete;
  }
  const auto found = inventory::find_target(*inventory, wanted.explain);
  if (const auto* complaint = std::get_if<inventory::Complaint>(&found)) {
    std::cerr << "audit inventory: " << complaint->text << '\n';
    return exit_usage;
  }
  const auto& membership = std::get<inventory::Membership>(found);
  json ? print_explained_json(wanted.explain, membership) : print_explained(wanted.explain, membership);
  return exit_complete;
}

bool fits(const Wanted& wanted) {
  if (wanted.graph && !wanted.explain.empty()) {
    std::cerr << "audit inventory: --explain is about one target, --graph about the groups; ask for one of them\n";
    return false;
  }
  if ((wanted.format == "dot") == wanted.graph || wanted.format == "text") return true;
  std::cerr << "audit inventory: "
            << (wanted.graph ? "--graph has the formats text and dot\n" : "dot is a format of --graph\n");
  return false;
}

}  // namespace

void add_inventory(CLI::App& program, int& code) {
  CLI::App* command = program.add_subcommand(
      "inventory", "The targets of an inventory, and where each value comes from; sends and resolves nothing");
  const auto wanted = std::make_shared<Wanted>();
  add_inventory_options(*command, wanted->sources);
  command
      ->add_option("--explain", wanted->explain,
                   "Every value that holds for one target, with the file and line it comes from and what it overrides")
      ->type_name("TARGET");
  command->add_flag("--graph", wanted->graph, "The groups, and who inherits from whom");
  command->add_option("--format", wanted->format, "text, json, or dot for a --graph that Graphviz draws")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"text", "json", "dot"}));
  command->footer(
      "Examples:\n"
      "  audit inventory site.toml                        its targets, groups and tags\n"
      "  audit inventory site.toml --explain 10.20.1.7    why this one is asked slowly\n"
      "  audit inventory site.toml --graph --format dot | dot -Tsvg > groups.svg\n\n"
      "Exit codes: 0 shown; 64 usage, or no such target; 78 bad inventory.");
  command->callback([wanted, command, &code] {
    code = exit_usage;
    if (check_sources(*command, wanted->sources) && fits(*wanted)) code = show(*wanted);
  });
}

}  // namespace audit::cli
