#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/digest.hpp"
#include "base/text.hpp"
#include "lua/check.hpp"
#include "lua/modules.hpp"
#include "lua/rule.hpp"
#include "lua/rule_fields.hpp"
#include "lua/sandbox.hpp"

namespace audit::lua {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t largest_file = 1U << 20U;
constexpr std::size_t loading_memory = 64U << 20U;
constexpr std::uint64_t loading_steps = 5'000'000;

struct Source {
  std::string path;
  std::string text;
};

/// Lua shortens the name of a long file in its messages, keeping its end; this gives it back.
std::string with_whole_path(std::string message, const std::string& path) {
  constexpr std::size_t kept = LUA_IDSIZE - 4;  // less "..." and the final zero
  if (path.size() <= kept) return message;
  const std::string shortened = "..." + path.substr(path.size() - kept);
  if (message.starts_with(shortened)) message.replace(0, shortened.size(), path);
  return message;
}

/// A state that runs one file's top level, to read what it declares.
class Reading {
 public:
  Reading() : state_(lua_newstate(Memory::allocate, &memory_)) { memory_.on_overdraft(look); }
  ~Reading() {
    if (state_ != nullptr) lua_close(state_);
    tag_->end();
  }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

  /// Runs the file; "" or the message of what went wrong. The returned value is left on the stack.
  std::string run(const Source& source, const RuleSet& set) {
    if (state_ == nullptr) return source.path + ": out of memory";
    check_of(state_) = nullptr;
    Job job{&source, &set};
    lua_pushcfunction(state_, body);
    lua_pushlightuserdata(state_, &job);
    set_loading(state_, &loading_);
    memory_.charge(tag_, state_, loading_memory);
    lua_sethook(state_, look, LUA_MASKCOUNT, steps_between_looks);
    const int status = lua_pcall(state_, 1, 1, 0);
    lua_sethook(state_, nullptr, 0, 0);
    memory_.charge(nullptr, nullptr, 0);
    if (status == LUA_OK) return {};
    const char* text = lua_tostring(state_, -1);
    return text != nullptr ? with_whole_path(text, source.path)
                           : source.path + ":1: the file failed with an error that is not a text";
  }

  [[nodiscard]] lua_State* state() noexcept { return state_; }

 private:
  struct Job {
    const Source* source;
    const RuleSet* set;
  };

  static int declare(lua_State* L) {
    luaL_argexpected(L, lua_type(L, 1) == LUA_TTABLE, 1, "table: rule { … }");
    lua_settop(L, 1);
    lua_pushvalue(L, 1);
    lua_setfield(L, LUA_REGISTRYINDEX, "audit.declared");
    return 1;
  }

  static int body(lua_State* L) {
    const Job& job = *static_cast<Job*>(lua_touserdata(L, 1));
    push_base_environment(L);
    lua_pushcfunction(L, declare);
    lua_setfield(L, -2, "rule");
    register_require(L, lua_gettop(L), *job.set);
    lua_createtable(L, 0, 2);
    lua_insert(L, -2);
    lua_setfield(L, -2, "__index");
    lua_pushvalue(L, -1);
    lua_setfield(L, LUA_REGISTRYINDEX, "audit.environment");
    lua_pushfstring(L, "@%s", job.source->path.c_str());
    const char* name = lua_tostring(L, -1);
    if (load_chunk(L, job.source->text.data(), job.source->text.size(), name) != LUA_OK) return lua_error(L);
    lua_newtable(L);
    lua_pushvalue(L, 2);
    lua_setmetatable(L, -2);
    lua_call(L, 1, 1);
    lua_getfield(L, LUA_REGISTRYINDEX, "audit.declared");
    if (lua_type(L, -1) != LUA_TTABLE || lua_rawequal(L, -1, -2) == 0)
      return luaL_error(L, "%s:1: a rule file ends with `return rule { … }`", job.source->path.c_str());
    return 1;
  }

  Memory memory_;
  Tag* tag_ = Tag::create();
  Loading loading_{tag_, loading_steps, loading_memory};
  lua_State* state_;
};

/// The line on which a field is written, as far as the text tells; 1 where it does not.
int line_of(std::string_view text, std::string_view field) {
  int line = 1;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view row = text.substr(0, end);
    row.remove_prefix(std::min(row.find_first_not_of(" \t"), row.size()));
    if (!field.empty() && row.starts_with(field)) {
      row.remove_prefix(field.size());
      row.remove_prefix(std::min(row.find_first_not_of(" \t"), row.size()));
      if (row.starts_with('=')) return line;
    }
    if (field.empty() && row.find("rule") != std::string_view::npos && row.starts_with("return")) return line;
    text.remove_prefix(std::min(end + 1, text.size()));
    ++line;
  }
  return field.empty() ? 1 : 0;
}

void add_mistake(LoadedRules& loaded, const Source& source, const FieldMistake& mistake) {
  int line = line_of(source.text, mistake.field);
  if (line == 0) line = line_of(source.text, "");
  const std::string what = mistake.field.empty() ? "the rule's table " + mistake.text
                                                 : fmt::format("`{}` {}", visible(mistake.field), mistake.text);
  loaded.mistakes.push_back({fmt::format("{}:{}: {}", source.path, line, what)});
}

void load_one(LoadedRules& loaded, Source source, const std::string& shown) {
  auto rule = std::make_shared<Rule>();
  Reading reading;
  const std::string failure = reading.run(source, loaded.set);
  if (!failure.empty()) {
    loaded.mistakes.push_back({failure});
    return;
  }
  const std::vector<FieldMistake> mistakes = read_rule_fields(reading.state(), -1, *rule);
  for (const FieldMistake& mistake : mistakes) add_mistake(loaded, source, mistake);
  if (!mistakes.empty()) return;
  const auto same = std::find_if(loaded.set.rules.begin(), loaded.set.rules.end(),
                                 [&](const auto& other) { return other->record.id == rule->record.id; });
  if (same != loaded.set.rules.end()) {
    add_mistake(loaded, source, {"id", fmt::format("`{}` is already the id of {}", rule->record.id, (*same)->path)});
    return;
  }
  rule->path = source.path;
  rule->folder = fs::path(source.path).parent_path().string();
  rule->record.file = shown;
  rule->record.sha256 = sha256_hex(source.text);
  rule->source = std::move(source.text);
  loaded.set.rules.push_back(std::move(rule));
}

bool read_file(const std::string& path, std::string& text, std::string& problem) {
  std::error_code failure;
  if (fs::exists(path, failure) && !fs::is_regular_file(path, failure)) {
    problem = path + ": is no file";
    return false;
  }
  const std::uintmax_t size = fs::file_size(path, failure);
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    problem = fmt::format("{}: cannot be read: {}", path, failure ? failure.message() : "permission denied");
    return false;
  }
  if (!failure && size > largest_file) {
    problem = fmt::format("{}: is {} bytes long; a rule file is at most 1 MiB", path, size);
    return false;
  }
  std::ostringstream bytes;
  bytes << file.rdbuf();
  text = bytes.str();
  return true;
}

std::vector<std::string> files_below(const std::string& path, std::string& problem) {
  std::error_code failure;
  if (!fs::exists(path, failure)) {
    problem = path + ": there is no such rule file or folder";
    return {};
  }
  if (!fs::is_directory(path, failure)) return {path};
  std::vector<std::string> files;
  for (auto it = fs::recursive_directory_iterator(path, failure); !failure && it != fs::recursive_directory_iterator();
       it.increment(failure)) {
    const std::string file = it->path().string();
    if (it->is_regular_file(failure) && file.ends_with(".lua") && !file.ends_with("_test.lua")) files.push_back(file);
  }
  if (failure) problem = fmt::format("{}: cannot be read: {}", path, failure.message());
  if (files.empty() && problem.empty()) problem = path + ": holds no rule (*.lua)";
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

LoadedRules load_rules(const std::vector<std::string>& paths, const std::string& scripts) {
  LoadedRules loaded;
  std::error_code ignored;
  if (!scripts.empty() && fs::is_directory(scripts, ignored)) {
    std::string problem;
    for (const fs::directory_entry& entry : fs::directory_iterator(scripts, ignored)) {
      std::string text;
      if (entry.path().extension() == ".lua" && read_file(entry.path().string(), text, problem))
        loaded.set.modules[entry.path().stem().string()] = std::move(text);
    }
  }
  for (const std::string& path : paths) {
    std::string problem;
    for (const std::string& file : files_below(path, problem)) {
      Source source{file, {}};
      if (!read_file(file, source.text, problem)) break;
      const bool folder = fs::is_directory(path, ignored);
      load_one(loaded, std::move(source),
               folder ? fs::relative(file, path, ignored).string() : fs::path(file).filename().string());
    }
    if (!problem.empty()) loaded.mistakes.push_back({problem});
  }
  std::sort(loaded.set.rules.begin(), loaded.set.rules.end(),
            [](const auto& a, const auto& b) { return a->record.id < b->record.id; });
  return loaded;
}

}  // namespace audit::lua
