// engine/derived_weights.h: matrices that older files hold in another arrangement, made as Decoder
// wants them.
//
// What a file keeps as several tensors, or as one with two things in it, is copied into memory of
// the weights' own, exactly: a type that cannot hold the new arrangement's numbers becomes F32.
// Backends that pack their weights let go of the copies afterwards.
//
// Threads: confined to the loading thread.  Errors: those of Weights; kBusy when the copies do not
// fit into what memory is free, found before any is made.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "engine/block_weights.h"
#include "engine/weights.h"

namespace engram {

// The matrices `parts`, each [rows, cols] and of one type, behind each other under `name`: the
// experts of a layer before converters stacked them.
MatrixId stack_matrices(Weights& weights, const std::string& name,
                        const std::vector<std::string>& parts, std::size_t rows, std::size_t cols);

// Of latent attention: W_uk and W_uv of each head, as LatentAttention has them, out of the matrix
// [heads * (nope + value), rank] that holds a head's keys and then its values.
struct KeyValueUp {
  MatrixId k_up{}, v_up{};
};
struct KeyValueShape {
  std::size_t heads = 0, nope = 0, value = 0, rank = 0;
};
KeyValueUp split_key_value_up(Weights& weights, const std::string& name,
                              const KeyValueShape& shape);

}  // namespace engram
