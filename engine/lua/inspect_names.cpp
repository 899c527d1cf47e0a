#include <fmt/format.h>

#include "base/text.hpp"
#include "lua/inspected.hpp"

namespace audit::lua {
namespace {

using syntax::Local;
using syntax::Use;

std::string guess(const std::string& close, std::string_view prefix = {}) {
  return close.empty() ? std::string() : fmt::format("; did you mean `{}{}`?", prefix, close);
}

/// The name at the root of a local's value and what is called on it: of `local s = target:connect(25)`.
struct Origin {
  const syntax::Name* root = nullptr;
  const syntax::Suffixed::Suffix* call = nullptr;
};

Origin origin_of(const Local& local) {
  if (local.writes != 0 || local.value == nullptr) return {};
  const auto* path = local.value->get_if<syntax::Suffixed>();
  if (path == nullptr || path->suffixes.size() != 1) return {};
  return {path->first->get_if<syntax::Name>(), &path->suffixes.front()};
}

class NameInspection {
  static constexpr std::size_t most_guesses = 100;

 public:
  explicit NameInspection(const Inspected& inspected) : in_(inspected), words_(*inspected.vocabulary) {
    for (const Use& use : in_.scopes->uses)
      if (use.local == nullptr && !use.own_globals && use.sets && use.steps.empty()) set_here_.insert(use.name);
    for (const Local& local : in_.scopes->locals) declared_.insert(local.name);
    known_ = declared_;
    for (const auto& [name, ignored] : words_.globals) known_.insert(name);
    const bool of_run = in_.rule != nullptr && in_.rule->scope == Scope::run;
    if (in_.check != nullptr) {
      const auto& parameters = in_.check->parameters;
      if (!parameters.empty()) (of_run ? run_ : target_) = parameters[0].local;
      if (parameters.size() > 1) endpoint_ = parameters[1].local;
    }
    if (of_run && in_.collect != nullptr && !in_.collect->parameters.empty())
      target_ = in_.collect->parameters[0].local;
  }

  void look() {
    for (const Use& use : in_.scopes->uses) {
      if (use.local != nullptr) {
        local(use);
      } else if (!use.own_globals) {
        global(use);
      }
    }
  }

 private:
  void error(syntax::Position at, std::string kind, std::string text) const {
    in_.complain(at, std::move(kind), false, std::move(text));
  }

  void global(const Use& use) {
    const auto known = words_.globals.find(use.name);
    const bool sets = use.sets && use.steps.empty();
    if (sets && known != words_.globals.end()) {
      in_.complain(
          use.at, "hidden-global", true,
          fmt::format("sets `{0}`, which hides the sandbox's own; write `local {0}`, or another name", use.name));
    } else if (sets) {
      const std::string close = near_variable(declared_, use.name);
      error(use.at, "undefined-global",
            fmt::format("sets `{0}`, which is no variable of this file: it becomes a global; write `local {0}`{1}",
                        use.name, guess(close)));
    } else if (set_here_.contains(use.name)) {
      return;
    } else if (known == words_.globals.end()) {
      undefined(use);
    } else {
      member(use, known->second);
      if (use.name == "require" && use.argument != nullptr) require(use);
    }
  }

  /// A file of thousands of names, all of them wrong, is not worth a guess at each.
  std::string near_variable(const Names& names, const std::string& name) {
    return guesses_++ < most_guesses ? nearest_of(names, name) : std::string();
  }

  void undefined(const Use& use) {
    const std::string close = near_variable(known_, use.name);
    error(use.at, "undefined-global",
          fmt::format("`{}` is defined neither here nor in the sandbox{}", use.name, guess(close)));
  }

  void member(const Use& use, const Vocabulary::Global& global) const {
    if (use.steps.empty()) return;
    const Use::Step& step = use.steps.front();
    if (!global.table) {
      error(step.at, "undefined-field",
            fmt::format("`{}` is a function and has no `{}`", use.name, visible(step.name)));
    } else if (use.sets && use.steps.size() == 1) {
      error(step.at, "frozen-table",
            fmt::format("`{}` is shared by all rules and cannot be changed; keep `{}` in a local", use.name,
                        visible(step.name)));
    } else if (!global.members.contains(step.name)) {
      error(step.at, "undefined-field",
            fmt::format("there is no `{}.{}`{}", use.name, visible(step.name),
                        guess(nearest_of(global.members, step.name), use.name + ".")));
    }
  }

  void require(const Use& use) const {
    const std::string& name = use.argument->bytes;
    if (in_.libraries->names.contains(name)) return;
    error(use.at, "unknown-module",
          fmt::format("neither scripts/ nor this folder has a module `{}`{}", visible(name),
                      guess(nearest_of(in_.libraries->names, name))));
  }

  void local(const Use& use) const {
    if (use.steps.empty() || use.local->writes != 0) return;
    if (use.local == target_) {
      target(use);
    } else if (use.local == run_) {
      thing(use, "run", words_.run);
    } else if (use.local == endpoint_) {
      endpoint(use);
    } else {
      const Origin origin = origin_of(*use.local);
      if (origin.root == nullptr) return;
      if (origin.root->local == nullptr && origin.root->text == "require" && !use.sets) of_module(use, origin);
      if (origin.root->local == target_ && target_ != nullptr && target_->writes == 0 &&
          origin.call->kind == syntax::Suffixed::Kind::method && origin.call->name == "connect")
        thing(use, "stream", words_.stream);
    }
  }

  void target(const Use& use) const {
    const Use::Step& step = use.steps.front();
    thing(use, "target", words_.target);
    if (step.method || step.name != "params" || use.steps.size() < 2 || in_.rule == nullptr) return;
    const Use::Step& param = use.steps[1];
    if (in_.rule->params.contains(param.name)) return;
    Names params;
    for (const auto& [name, ignored] : in_.rule->params) params.insert(name);
    error(param.at, "unknown-parameter",
          fmt::format("the rule declares no parameter `{}`{}", visible(param.name),
                      params.empty() ? "; it has no `params`" : guess(nearest_of(params, param.name))));
  }

  void endpoint(const Use& use) const {
    if (in_.rule != nullptr && in_.rule->scope != Scope::endpoint) {
      error(use.at, "no-endpoint",
            fmt::format("`{}` is nil: only a rule with scope = \"endpoint\" is given one", use.name));
      return;
    }
    thing(use, "endpoint", words_.endpoint);
  }

  /// A target, an endpoint or a stream: its fields are read with a dot, its methods called with a colon.
  void thing(const Use& use, std::string_view what, const Vocabulary::Thing& thing) const {
    const Use::Step& step = use.steps.front();
    if (use.sets && use.steps.size() == 1 && what != "endpoint") {
      error(step.at, "frozen-table",
            fmt::format("a {} cannot be changed; keep `{}` in a local", what, visible(step.name)));
    } else if (step.method && thing.fields.contains(step.name)) {
      error(step.at, "undefined-word",
            fmt::format("`{0}` of a {1} is a value and is not called: {2}.{0}", step.name, what, use.name));
    } else if (!thing.methods.contains(step.name) && (step.method || !thing.fields.contains(step.name))) {
      Names all = thing.methods;
      if (!step.method) all.insert(thing.fields.begin(), thing.fields.end());
      error(step.at, step.method ? "undefined-word" : "undefined-field",
            fmt::format("a {} has no `{}`{}", what, visible(step.name),
                        guess(nearest_of(all, step.name), use.name + (step.method ? ":" : "."))));
    }
  }

  void of_module(const Use& use, const Origin& origin) const {
    if (origin.call->arguments.size() != 1) return;
    const auto* name = origin.call->arguments.front()->get_if<syntax::String>();
    if (name == nullptr) return;
    const auto known = in_.libraries->members.find(name->bytes);
    if (known == in_.libraries->members.end() || !known->second) return;
    const Use::Step& step = use.steps.front();
    if (known->second->contains(step.name)) return;
    error(step.at, "undefined-field",
          fmt::format("module `{}` has no `{}`{}", visible(name->bytes), visible(step.name),
                      guess(nearest_of(*known->second, step.name), use.name + ".")));
  }

  const Inspected& in_;
  const Vocabulary& words_;
  Names set_here_;  // globals
  Names declared_;  // locals
  Names known_;     // and the sandbox's globals
  std::size_t guesses_ = 0;
  const Local* target_ = nullptr;
  const Local* run_ = nullptr;
  const Local* endpoint_ = nullptr;
};

}  // namespace

void inspect_names(const Inspected& inspected) { NameInspection(inspected).look(); }

}  // namespace audit::lua
