using System;
using Gen = System.Collections.Generic;
using static System.Math;

namespace Example.Shelf
{
    /// <summary>Called on change.</summary>
    public delegate void Changed(object sender, int index);

    public enum Colour : byte { Red, Green = 2 }

    public interface IShelf<in T> : IDisposable where T : class
    {
        int Count { get; }
        bool Add(T item);
        event Changed OnChange;
    }

    /// <summary>
    /// Holds things.
    /// </summary>
    [Serializable]
    public abstract partial class Shelf<T> : Base, IShelf<T> where T : class, new()
    {
        public const int Limit = 10;
        private readonly Gen.List<T> items = new(), spare;
        public static event Changed Changing, Changed2;

        public Shelf(int limit) : base(limit) { this.items = new Gen.List<T>(limit); }
        ~Shelf() { Dispose(); }

        public int Count => items.Count;
        public string Name { get; set; } = nameof(Name);
        public T this[int index] { get { return items[index]; } set { items[index] = value; } }

        // Adds one.
        public virtual bool Add<U>(U item, params string[] notes) where U : T
        {
            var before = Max(items.Count, 1);
            foreach (var note in notes) Console.WriteLine(note);
            for (int i = 0; i < 2; i++) Log(i);
            int Local(int x) => x + before;
            Func<int, int> twice = n => n * 2;
            try { items.Add(item); } catch (IOException failure) when (failure.Fatal) { throw; }
            if (item is Book book && book.Open) OnChange?.Invoke(this, Local(twice(before)));
            return true;
        }

        public static Shelf<T> operator +(Shelf<T> a, Shelf<T> b) => a;
        public static implicit operator int(Shelf<T> s) => s.Count;
        protected abstract void Clear();

        public struct Point { public double X, Y; }
        public record Person(string First, string Last);
        public record struct Pair(int A);
    }
}
