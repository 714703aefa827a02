#!/usr/bin/env node
'use strict';
import defaultThing, { one as uno, two } from './things.js';
import * as all from 'library';

const path = require('path');
const { readFile, writeFile: write } = require('fs');

/** The most a cart holds. */
export const LIMIT = 10, STEP = 2;
let counter = 0;
var legacy;

/**
 * Adds two numbers.
 * @param {number} a
 */
export function add(a, b = STEP, ...rest) {
  const sum = a + b;
  for (const extra of rest) counter += extra;
  for (let i = 0; i < 2; i++) legacy = i;
  return later(sum);

  function later(value) {
    return value * 2;
  }
}

export default class Cart extends Base {
  static count = 0;
  #items = [];
  size;

  constructor(owner, { discount, tax: rate }) {
    super(owner);
    this.owner = owner;
    this.rate = rate;
    this.onAdd = (item) => this.#items.push(item, discount);
  }

  // How many there are.
  get length() {
    return this.#items.length;
  }
  set length(n) {
    this.#items.length = n;
  }
  async *each() {
    yield* this.#items;
  }
  static [Symbol.iterator]() {}
  #secret() {}
}

const double = (n) => n * 2;
const named = function inner(n) { return inner(n - 1); };
const api = {
  add,
  limit: LIMIT,
  'quoted-key': 1,
  method(x) { return x; },
  get now() { return Date.now(); },
  handler: async (event) => { all.emit(event); },
  nested: { deep: function () {} },
};

Cart.prototype.clear = function () { this.size = 0; };
exports.helper = helper;
module.exports = { Cart, double };
module.exports.extra = function extra() {};

function* generate() { yield defaultThing(uno, two); }

label: for (const key in api) {
  try { continue label; } catch (error) { console.log(`${key}: ${error}`); }
}

new Cart('me', {}).each();
