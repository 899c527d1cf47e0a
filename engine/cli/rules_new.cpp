#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <system_error>

#include "base/text.hpp"
#include "cli/exit_code.hpp"
#include "cli/rules_bench.hpp"
#include "lua/rule.hpp"

namespace audit::cli {
namespace {

namespace fs = std::filesystem;

struct NewOptions {
  std::string id;
  std::string folder = ".";  // --dir
};

/// A whole rule that runs as it stands; {0} is its id, {1} its family.
constexpr std::string_view first_rule =
    R"(-- {0}: begins as a rule on what SSH servers say first. `audit rules check` finds its mistakes.
return rule {{
  id          = "{0}",
  title       = "The server says what it should",  -- what holds where the rule passes
  severity    = "medium",                          -- critical, high, medium, low or info
  safety      = "normal",                          -- connect, normal or intrusive: what it does to its targets
  tags        = {{ "{1}" }},
  rationale   = "Why this matters, for whoever reads the report.",
  remediation = "What to do where the rule fails.",
  references  = {{ "https://www.rfc-editor.org/rfc/rfc4253#section-4.2" }},
  ports       = {{ 22 }},                            -- or "8000-8100"; requires = "nothing" in place of ports and absent
  absent      = "not_applicable",                  -- where these ports are closed; or "pass"
  scope       = "target",                          -- or "endpoint": check(target, endpoint), once for each open port
  params      = {{                                  -- an inventory may set them for its targets
    greeting = {{ type = "string", default = "SSH-2.0-", help = "What the server's first line begins with." }},
  }},

  check = function(target)                         -- runs only where one of the ports is open
    -- A question that cannot be answered raises, and the check ends as an error: nothing passes by accident.
    -- try(target.banner, target, 22) would give nil, kind and message in its place.
    local banner = target:banner(22, {{ timeout = 5 }})
    local line = banner.bytes:match("^[%g ]*")
    local wanted = target.params.greeting
    -- A verdict needs what was seen as its evidence.
    if line:sub(1, #wanted) == wanted then
      return pass("It says " .. line, {{ banner = banner }})
    end
    return fail("It says " .. line .. ", not " .. wanted, {{ banner = banner }})
  end,
}}
)";

/// Creates the file, and never touches one that is there; the error, or none.
std::error_code write_new(const fs::path& path, const std::string& text) {
  std::error_code failure;
  if (path.has_parent_path()) fs::create_directories(path.parent_path(), failure);
  if (failure) return failure;
  std::FILE* file = std::fopen(path.c_str(), "wx");
  if (file == nullptr) return {errno, std::generic_category()};
  const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  const int reason = errno;
  const bool closed = std::fclose(file) == 0;
  return written && closed ? std::error_code() : std::error_code{written ? errno : reason, std::generic_category()};
}

int create(const NewOptions& options) {
  if (!lua::is_rule_id(options.id)) {
    std::cerr << "audit rules new: `" << visible(options.id)
              << "` cannot be an id; it is two or more words of a-z, 0-9 and -, joined by dots, such as ssh.greeting\n";
    return exit_usage;
  }
  const std::size_t dot = options.id.find('.');
  const std::string family = options.id.substr(0, dot);
  const fs::path path = (fs::path(options.folder) / family / (options.id.substr(dot + 1) + ".lua")).lexically_normal();
  if (const std::error_code failure = write_new(path, fmt::format(first_rule, options.id, family))) {
    std::cerr << "audit rules new: " << visible(path.string())
              << (failure == std::errc::file_exists
                      ? " is there already and is left as it is; choose another id, or another --dir"
                      : ": cannot be written: " + failure.message())
              << '\n';
    return exit_report;
  }
  const std::string shown = visible(path.string());
  fmt::print(
      "{0}\n\nIt runs as it stands. Next:\n"
      "  edit it                                       what it asks, what it judges, and why\n"
      "  audit rules check {0}\n"
      "  audit run --target 127.0.0.1 --rules {0}\n"
      "What a rule can ask and say: rules/README.md.\n",
      shown);
  return exit_complete;
}

}  // namespace

void add_rules_new(CLI::App& rules, int& code) {
  const auto options = std::make_shared<NewOptions>();
  CLI::App* command = rules.add_subcommand("new", "Writes the beginning of a rule, which runs as it stands");
  command->add_option("ID", options->id, "Its id, such as ssh.greeting; it is written to ssh/greeting.lua")->required();
  command->add_option("--dir", options->folder, "The folder of rules that it joins; default here")->type_name("PATH");
  command->footer("Exit codes: 0 written, 64 usage, 73 it could not be written, or is there already.");
  command->callback([options, &code] { code = create(*options); });
}

}  // namespace audit::cli
