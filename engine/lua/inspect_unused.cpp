#include <fmt/format.h>

#include <algorithm>

#include "lua/inspected.hpp"

namespace audit::lua {
namespace {

using syntax::Local;

/// A parameter holds the place of those behind it, one of which is used.
bool holds_a_place(const Local& local) {
  const auto& all = local.owner->parameters;
  return local.kind == Local::Kind::parameter && std::any_of(all.begin(), all.end(), [&](const auto& other) {
           return other.local->place > local.place && other.local->reads != 0;
         });
}

std::string what_of(const Local& local) {
  const bool function = local.kind == Local::Kind::function || local.function != nullptr;
  if (function) return fmt::format("function `{}` is never called", local.name);
  if (local.kind == Local::Kind::parameter) return fmt::format("parameter `{}` is never used", local.name);
  if (local.kind == Local::Kind::loop) return fmt::format("the loop's `{}` is never used", local.name);
  if (local.writes != 0) return fmt::format("`{}` is set and never read", local.name);
  return fmt::format("`{}` is never used", local.name);
}

}  // namespace

void inspect_unused(const Inspected& inspected) {
  for (const Local& local : inspected.scopes->locals) {
    if (local.reads != 0 || local.name.starts_with('_') || local.kind == Local::Kind::self) continue;
    if (local.attribute == syntax::Attribute::close || holds_a_place(local)) continue;
    const bool named_for_its_place = local.kind == Local::Kind::parameter || local.kind == Local::Kind::loop;
    inspected.complain(
        local.at, "unused", true,
        what_of(local) +
            (named_for_its_place ? fmt::format("; leave it out, or name it `_{}`", local.name) : "; leave it out"));
  }
  for (const auto& label : inspected.scopes->unused_labels)
    inspected.complain(label.at, "unused", true, fmt::format("no goto leads to label `{}`; leave it out", label.name));
}

}  // namespace audit::lua
