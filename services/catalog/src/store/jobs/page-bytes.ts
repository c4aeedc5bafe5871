/** What the configurations of one page may have together; a first one larger than that comes alone. */
export const maxPageBytes = 8 * 1024 * 1024
