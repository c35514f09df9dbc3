/* SPDX-License-Identifier: GPL-2.0 */
/* What /etc/crypttab says about an encrypted volume. */
#ifndef DRVIO_HELPER_CRYPT_H
#define DRVIO_HELPER_CRYPT_H

#include <stdbool.h>

/**
 * struct crypttab - an entry
 * @key: the file with the key
 * @offset: where in it the key begins; NULL: at its beginning
 * @size: how long the key is; NULL: all of it
 * @options: the fourth field; "" where there is none
 */
struct crypttab {
	char *key;
	char *offset;
	char *size;
	char *options;
};

/**
 * crypttab_find() - look for a volume in the text of a crypttab
 * @entry: gets it, for crypttab_clear()
 * @text: the text, changed
 * @name: the volume
 *
 * Return: NULL when a key file opens it, otherwise why not.
 */
const char *crypttab_find(struct crypttab *entry, char *text, const char *name);

void crypttab_clear(struct crypttab *entry);

#endif /* DRVIO_HELPER_CRYPT_H */
