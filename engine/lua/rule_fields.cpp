#include "lua/rule_fields.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "lua/value.hpp"

namespace audit::lua {
namespace {

const std::vector<std::string_view>& known_fields() {
  static const std::vector<std::string_view> fields{"id",        "title",       "severity",   "safety",  "tags",
                                                    "rationale", "remediation", "references", "ports",   "absent",
                                                    "requires",  "scope",       "params",     "collect", "check"};
  return fields;
}

/// One rule's table while it is read.
class Fields {
 public:
  Fields(lua_State* L, int table, Rule& rule) : L_(L), table_(table), rule_(rule) {}

  std::vector<FieldMistake> read() {
    refuse_unknown();
    RuleRecord& record = rule_.record;
    record.id = text("id", true);
    if (!record.id.empty() && !is_rule_id(record.id))
      complain("id", "must be two or more words of a-z, 0-9 and -, joined by dots, such as \"exposure.telnet-open\"");
    record.title = text("title", true);
    record.severity = choice("severity", parse_severity, Severity::info, true,
                             "\"critical\", \"high\", \"medium\", \"low\" or \"info\"");
    record.safety = choice("safety", parse_safety, Safety::normal, false, "\"connect\", \"normal\" or \"intrusive\"");
    record.tags = texts("tags");
    record.rationale = text("rationale", false);
    record.remediation = text("remediation", false);
    record.references = texts("references");
    read_subject();
    read_scope();
    read_collect();
    read_params();
    if (type("check") != LUA_TFUNCTION)
      complain("check", rule_.scope == Scope::run ? "must be a function: check = function(run) … end"
                                                  : "must be a function: check = function(target) … end");
    return std::move(mistakes_);
  }

 private:
  void complain(std::string_view field, std::string text) {
    mistakes_.push_back({std::string(field), std::move(text)});
  }

  int push(const char* field) {
    lua_pushstring(L_, field);
    return lua_rawget(L_, table_);
  }

  int type(const char* field) {
    const int found = push(field);
    lua_pop(L_, 1);
    return found;
  }

  /// Is the table on top of the stack a list and nothing else?
  bool is_list() {
    const std::size_t length = lua_rawlen(L_, -1);
    std::size_t count = 0;
    lua_pushnil(L_);
    while (lua_next(L_, -2) != 0) {
      lua_pop(L_, 1);
      ++count;
    }
    return count == length;
  }

  void refuse_unknown() {
    std::vector<std::string> unknown;  // sorted, for a table's own order changes from run to run
    lua_pushnil(L_);
    while (lua_next(L_, table_) != 0) {
      lua_pop(L_, 1);
      if (lua_type(L_, -1) != LUA_TSTRING) {
        complain("", "holds a value without a name; every field is `name = value`");
        continue;
      }
      const std::string name = lua_tostring(L_, -1);
      const auto& known = known_fields();
      if (std::find(known.begin(), known.end(), name) == known.end()) unknown.push_back(name);
    }
    std::sort(unknown.begin(), unknown.end());
    for (const std::string& name : unknown) {
      const std::string_view close = nearest(name, known_fields());
      complain(name, fmt::format("is not a field of a rule{}",
                                 close.empty() ? std::string() : fmt::format("; did you mean `{}`?", close)));
    }
  }

  std::string text(const char* field, bool required) {
    const int found = push(field);
    std::string value;
    if (found == LUA_TSTRING) {
      std::size_t length = 0;
      const char* bytes = lua_tolstring(L_, -1, &length);
      value.assign(bytes, length);
    }
    lua_pop(L_, 1);
    if (found != LUA_TSTRING && (required || found != LUA_TNIL)) complain(field, "must be a string");
    if (found == LUA_TSTRING && required && value.empty()) complain(field, "must not be empty");
    return value;
  }

  /// A text that is compared with others; "" where it is none.
  std::string word(const char* field) { return type(field) == LUA_TSTRING ? text(field, false) : std::string(); }

  template <class Enum, class Parse>
  Enum choice(const char* field, Parse parse, Enum fallback, bool required, const char* expected) {
    if (type(field) == LUA_TNIL && !required) return fallback;
    if (const auto value = parse(word(field))) return *value;
    complain(field, fmt::format("must be {}", expected));
    return fallback;
  }

  std::vector<std::string> texts(const char* field) {
    std::vector<std::string> values;
    const int found = push(field);
    bool good = found == LUA_TTABLE || found == LUA_TNIL;
    if (found == LUA_TTABLE) {
      const std::size_t count = lua_rawlen(L_, -1);
      good = is_list();
      for (std::size_t i = 1; i <= count; ++i) {
        good = lua_rawgeti(L_, -1, static_cast<lua_Integer>(i)) == LUA_TSTRING && good;
        if (lua_type(L_, -1) == LUA_TSTRING) values.emplace_back(lua_tostring(L_, -1));
        lua_pop(L_, 1);
      }
    }
    lua_pop(L_, 1);
    if (!good) complain(field, "must be a list of strings");
    return values;
  }

  void read_port() {
    TransportPorts ports;
    if (lua_isinteger(L_, -1) != 0) {
      const lua_Integer number = lua_tointeger(L_, -1);
      if (number >= 1 && number <= 65'535)
        ports.tcp.add(static_cast<std::uint16_t>(number), static_cast<std::uint16_t>(number));
    } else if (lua_type(L_, -1) == LUA_TSTRING) {
      ports = parse_transport_ports(lua_tostring(L_, -1)).value_or(TransportPorts{});
    }
    if (ports.empty()) complain("ports", "each is a number 1-65535 or a text such as \"8000-8100\"");
    if (!ports.udp.empty())
      complain("ports",
               "UDP ports cannot be swept by this version; ask them with target:udp in a rule that says requires = "
               "\"nothing\"");
    rule_.record.ports.add(ports);
  }

  void read_subject() {
    const int ports = push("ports");
    if (ports == LUA_TTABLE) {
      const std::size_t count = lua_rawlen(L_, -1);
      if (!is_list()) {
        complain("ports", "must be a list, such as { 23, \"8000-8100\" }");
      } else if (count == 0) {
        complain("ports", "must name at least one port, such as { 23, \"8000-8100\" }");
      }
      for (std::size_t i = 1; i <= count; ++i) {
        lua_rawgeti(L_, -1, static_cast<lua_Integer>(i));
        read_port();
        lua_pop(L_, 1);
      }
    } else if (ports != LUA_TNIL) {
      complain("ports", "must be a list, such as { 23, \"8000-8100\" }");
    }
    lua_pop(L_, 1);
    const bool has_requires = type("requires") != LUA_TNIL;
    if (has_requires && word("requires") != "nothing") complain("requires", "must be \"nothing\" where it is written");
    rule_.requires_nothing = has_requires;
    if (has_requires && ports != LUA_TNIL) complain("requires", "goes in place of `ports`; a rule has one of the two");
    if (!has_requires && ports == LUA_TNIL)
      complain("ports", "is missing: name the ports that the rule looks at, or write requires = \"nothing\"");
    if (type("absent") == LUA_TNIL) return;
    const std::string absent = word("absent");
    if (absent != "pass" && absent != "not_applicable") complain("absent", "must be \"pass\" or \"not_applicable\"");
    if (has_requires) complain("absent", "says what closed ports mean; with requires = \"nothing\" there are none");
    rule_.absent = absent == "pass" ? Status::pass : Status::not_applicable;
  }

  void read_scope() {
    if (type("scope") == LUA_TNIL) return;
    const std::string scope = word("scope");
    if (scope == "endpoint") {
      rule_.scope = Scope::endpoint;
      if (rule_.requires_nothing)
        complain("scope", "\"endpoint\" runs once for each open port, so the rule needs `ports`");
    } else if (scope == "run") {
      rule_.scope = Scope::run;
      if (type("absent") != LUA_TNIL)
        complain("absent",
                 "is for rules that judge targets; with scope = \"run\" a target whose ports are closed has nothing to "
                 "collect");
    } else if (scope != "target") {
      complain("scope", "must be \"target\", \"endpoint\" or \"run\"");
    }
  }

  void read_collect() {
    const int collect = type("collect");
    if (rule_.scope == Scope::run) {
      if (collect != LUA_TFUNCTION)
        complain("collect",
                 "must be a function, which scope = \"run\" asks of every target: collect = function(target) … end");
    } else if (collect != LUA_TNIL) {
      complain("collect", "is for rules with scope = \"run\"; the others ask within `check`");
    }
  }

  void read_params() {
    Value params;
    std::string problem;
    const int found = push("params");
    constexpr std::size_t most_bytes = 65'536;
    const bool copied = found == LUA_TNIL || to_value(L_, -1, params, most_bytes, problem);
    lua_pop(L_, 1);
    if (found == LUA_TNIL) return;
    const auto* table = params.get_if<Value::Object>();
    if (!copied || table == nullptr) {
      complain("params", "must be a table: params = { days = { type = \"integer\", default = 30, help = \"…\" } }");
      return;
    }
    for (const auto& [name, value] : *table) read_param(name, value);
  }

  void read_param(const std::string& name, const Value& value) {
    const auto* declared = value.get_if<Value::Object>();
    const Value* type_name = value.find("type");
    const Value* fallback = value.find("default");
    const auto* type = type_name != nullptr ? type_name->get_if<std::string>() : nullptr;
    if (declared == nullptr || type == nullptr || fallback == nullptr) {
      complain("params", fmt::format("`{}` needs a type and a default", name));
      return;
    }
    for (const auto& [key, ignored] : *declared)
      if (key != "type" && key != "default" && key != "help")
        complain("params", fmt::format("`{}` has no `{}`; there are type, default and help", name, visible(key)));
    if (*type != "integer" && *type != "number" && *type != "string" && *type != "boolean") {
      complain("params", fmt::format("the type of `{}` must be integer, number, string or boolean", name));
      return;
    }
    Param param;
    param.type = *type;
    param.fallback = *fallback;
    if (const Value* help = value.find("help"); help != nullptr && help->get_if<std::string>() != nullptr)
      param.help = *help->get_if<std::string>();
    rule_.params[name] = std::move(param);
    Value::Object given;
    given[name] = *fallback;
    if (Result<Value::Object> checked = resolve_params(rule_, given); !checked)
      complain("params", checked.error().message);
  }

  lua_State* L_;
  int table_;
  Rule& rule_;
  std::vector<FieldMistake> mistakes_;
};

bool has_type(const Value& value, std::string_view type) {
  if (type == "integer") return value.get_if<std::int64_t>() != nullptr;
  if (type == "number") return value.get_if<std::int64_t>() != nullptr || value.get_if<double>() != nullptr;
  if (type == "string") return value.get_if<std::string>() != nullptr;
  return type == "boolean" && value.get_if<bool>() != nullptr;
}

}  // namespace

std::string_view name_of(Scope scope) noexcept {
  switch (scope) {
    case Scope::target: return "target";
    case Scope::endpoint: return "endpoint";
    case Scope::run: return "run";
  }
  return {};
}

bool is_rule_id(std::string_view id) {
  const bool plain = std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
  return plain && id.size() <= 100 && id.find('.') != std::string_view::npos &&
         id.find("..") == std::string_view::npos && id.front() != '.' && id.back() != '.';
}

std::vector<FieldMistake> read_rule_fields(lua_State* L, int index, Rule& rule) {
  return Fields(L, lua_absindex(L, index), rule).read();
}

Result<Value::Object> resolve_params(const Rule& rule, const Value::Object& given) {
  Value::Object params;
  for (const auto& [name, param] : rule.params) params[name] = param.fallback;
  for (const auto& [name, value] : given) {
    const auto declared = rule.params.find(name);
    if (declared == rule.params.end()) {
      std::vector<std::string_view> names;
      for (const auto& [known, param] : rule.params) names.push_back(known);
      const std::string_view close = nearest(name, names);
      return Error(Reason::rule_error,
                   fmt::format("rule {} has no parameter `{}`{}", rule.record.id, name,
                               close.empty() ? std::string() : fmt::format("; did you mean `{}`?", close)));
    }
    const std::string& type = declared->second.type;
    if (!has_type(value, type))
      return Error(Reason::rule_error, fmt::format("parameter `{}` of rule {} must be of type {}", name, rule.record.id,
                                                   type.empty() ? "integer, number, string or boolean" : type));
    params[name] = value;
  }
  return params;
}

}  // namespace audit::lua
