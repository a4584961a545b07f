/** A file that is not read for a reason that has words of its own. It costs that file alone, as an errno would. */
export class FileRefusal extends Error {
  override readonly name = 'FileRefusal';
}
