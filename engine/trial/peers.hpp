#pragma once

#include <string>

#include "lua/test_file.hpp"
#include "net/scripted_world.hpp"
#include "trial/case.hpp"
#include "trial/zone.hpp"

namespace audit::trial {

/// What went wrong in a test's own functions; the first counts.
struct Troubles {
  std::string text;
};

/// The name server of every case; what it knows is the case's zone.
[[nodiscard]] const Endpoint& name_server();

/// Declares a case's hosts, peers and names to a world. All arguments outlive the world's run.
void set_scene(net::ScriptedWorld& world, const Case& scripted, const Zone& zone, lua::TestFile* functions,
               Troubles& troubles);

}  // namespace audit::trial
