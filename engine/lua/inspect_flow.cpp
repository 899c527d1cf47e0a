#include <algorithm>

#include "lua/inspected.hpp"
#include "syntax/flow.hpp"

namespace audit::lua {
namespace {

constexpr const char* ways_to_end = "give pass, fail, not_applicable or info, or end with error(…)";

}  // namespace

void inspect_flow(const Inspected& inspected) {
  const auto& libraries = inspected.libraries->give_verdicts;
  syntax::FlowWords words;
  words.verdicts.insert(inspected.vocabulary->verdicts.begin(), inspected.vocabulary->verdicts.end());
  words.enders = {"error", "raise"};
  for (const auto& [name, ignored] : inspected.vocabulary->globals) words.globals.insert(name);
  words.strangers = std::any_of(inspected.required.begin(), inspected.required.end(), [&](const std::string& name) {
    const auto known = libraries.find(name);
    return known != libraries.end() && known->second;
  });
  const syntax::Flow flow = syntax::follow(*inspected.tree, *inspected.scopes, words, inspected.check);
  if (flow.given_up)
    inspected.complain(
        {0, 0}, "not-followed", true,
        "branches too much to be followed: whether `check` always ends with a verdict, and what is never "
        "reached, was not looked at; make its functions smaller");
  if (!inspected.library && inspected.rule != nullptr && inspected.check == nullptr)
    inspected.complain(
        {0, 0}, "not-followed", true,
        "`check` was not found in the text, and so not looked at; write it in the rule's table, `check = "
        "function(target) … end`, or name a local function there");
  for (const syntax::Position at : flow.unreachable)
    inspected.complain(at, "unreachable", true, "is never reached; leave it out, or see what ends the path before it");
  for (const syntax::MissingVerdict& one : flow.missing)
    inspected.complain(one.at, "missing-verdict", false,
                       std::string("`check` can ") + (one.at_end ? "reach its end" : "return here") +
                           " without a verdict; " + ways_to_end);
}

}  // namespace audit::lua
