@file:JvmName("Shelves")
package org.example.shelf

import org.example.base.Store
import org.example.book.Book as Volume
import kotlin.math.*

const val LIMIT = 10
typealias Handler<T> = (T, Int) -> Unit

/** Anything that is kept. */
interface Kept<out T : Any> : Comparable<T> {
    val id: String
    fun weight(scale: Int = 1): Int
}

enum class Colour(val code: Int) : Named {
    RED(1), GREEN(2) { override fun label() = "g" };
    open fun label(): String = name
}

/**
 * Holds books.
 */
@Serializable
abstract class Shelf<T : Kept<T>>(private val name: String, limit: Int = LIMIT) : Store(name), Kept<T> {
    private val books = mutableListOf<T>()
    var open: Boolean = true
        private set
    val size: Int get() = books.size

    constructor(name: String) : this(name, LIMIT)

    init {
        register(this)
    }

    // Adds one.
    override fun add(book: T, vararg notes: String): Boolean {
        val before = books.size
        for (note in notes) println("$note ${book.id}")
        val twice = { n: Int -> n * 2 }
        books.forEach { it.touch(before) }
        try { books.add(book) } catch (failure: IllegalStateException) { throw Wrapped(failure) }
        when (val state = check()) { is Open -> state.run() else -> Unit }
        return twice(before) < max(LIMIT, 1)
    }

    abstract fun find(title: String): T?

    companion object Factory {
        const val VERSION = "1"
        fun make(): Shelf<Nothing>? = null
    }

    inner class Row(val index: Int)
    data class Point(val x: Double, var y: Double)
    object Empty
}

fun <T> List<T>.second(): T = this[1]
val String.half: String get() = take(length / 2)
val (first, other) = pair()
