#include "inventory/load.hpp"

#include <catch2/catch.hpp>
