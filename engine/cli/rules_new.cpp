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
#include "trial/suite.hpp"

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
    -- try(stream.read_line, stream) would give nil, kind and message in its place.
    local stream <close> = target:connect(22)
    local line = stream:read_line {{ timeout = 5 }}  -- whole: one that is cut off raises, for it decides nothing
    local wanted = target.params.greeting
    -- A verdict needs what was seen as its evidence.
    if line:sub(1, #wanted) == wanted then
      return pass("It says " .. line, {{ greeting = stream }})
    end
    return fail("It says " .. line .. ", not " .. wanted, {{ greeting = stream }})
  end,
}}
)";

/// Its test; {0} is its id, {1} the rule's path, as a shell takes it.
constexpr std::string_view first_test =
    R"(-- The test of {0}: `audit rules test {1}` plays it in virtual time and sends nothing. Of each case it makes hundreds
-- more by itself: refused, filtered, silent, cut off at each byte, garbage, reset; none may end in a verdict that nothing
-- it saw justifies.
case "a server that says what it should" {{
  peer {{ tcp = 22, says = "SSH-2.0-OpenSSH_9.2\r\n" }},
  expect {{ status = "pass", message = "^It says SSH%-2.0", evidence = {{ "greeting" }} }},
}}

case "a server that says something else" {{
  peer {{ tcp = 22, says = "220 mail ready\r\n" }},
  expect {{ status = "fail", severity = "medium", message = "^It says 220" }},
}}

case "the greeting is a parameter" {{
  target {{ params = {{ greeting = "220 " }} }},
  peer {{ tcp = 22, says = "220 mail ready\r\n" }},
  expect {{ status = "pass" }},
}}

case "a server that takes too long is not judged" {{
  peer {{ tcp = 22, says = "SSH-2.0-Slow\r\n", delay = 6 }},
  expect {{ status = "error", reason = "timeout" }},
}}

case "no server" {{
  expect {{ status = "not_applicable", reason = "closed" }},
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
  const fs::path test = trial::test_path_of(path.string());
  const auto complain = [](const fs::path& file, const std::error_code& failure) {
    std::cerr << "audit rules new: " << visible(file.string())
              << (failure == std::errc::file_exists
                      ? " is there already and is left as it is; choose another id, or another --dir"
                      : ": cannot be written: " + failure.message())
              << '\n';
    return exit_report;
  };
  std::error_code ignored;
  if (fs::exists(fs::symlink_status(test, ignored)))
    return complain(test, std::make_error_code(std::errc::file_exists));
  if (const std::error_code failure = write_new(path, fmt::format(first_rule, options.id, family)))
    return complain(path, failure);
  if (const std::error_code failure = write_new(test, fmt::format(first_test, options.id, visible(path.string()))))
    return complain(test, failure);
  const std::string shown = visible(path.string());
  fmt::print(
      "{0}\n{1}\n\nIt runs as it stands. Next:\n"
      "  edit it                                       what it asks, what it judges, and why\n"
      "  audit rules check {0}\n"
      "  audit rules test {0}             again and again with --watch\n"
      "  audit run --target 127.0.0.1 --rules {0}\n"
      "What a rule can ask and say: rules/README.md.\n",
      shown, visible(test.string()));
  return exit_complete;
}

}  // namespace

void add_rules_new(CLI::App& rules, int& code) {
  const auto options = std::make_shared<NewOptions>();
  CLI::App* command =
      rules.add_subcommand("new", "Writes the beginning of a rule and its test, which run as they stand");
  command
      ->add_option("ID", options->id,
                   "Its id, such as ssh.greeting; it is written to ssh/greeting.lua, its test beside it")
      ->required();
  command->add_option("--dir", options->folder, "The folder of rules that it joins; default here")->type_name("PATH");
  command->footer("Exit codes: 0 written, 64 usage, 73 it could not be written, or is there already.");
  command->callback([options, &code] { code = create(*options); });
}

}  // namespace audit::cli
