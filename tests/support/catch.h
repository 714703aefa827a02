// tests/support/catch.h: the one place that includes Catch2 (v3, from Debian backports).
#pragma once

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>
#include <catch2/matchers/catch_matchers_all.hpp>
